// `millrace parked redrive`: lets parked events run again.
import type { Command } from '../command.ts'
import { markArguments, markOptions, markParked } from '../mark-parked.ts'
import { withProject } from '../with-project.ts'

export const parkedRedrive: Command = {
  name: 'parked redrive',
  arguments: markArguments,
  summary: 'Lets parked events run again: one, a group, or all of a consumer.',
  description:
    'Marks the events; the process that owns their partition carries it out between two batches. Who asked is kept in millrace.audit.',
  options: markOptions,
  run: (invocation) =>
    withProject(invocation, ({ definitions }, { database }) =>
      markParked(invocation, definitions, database, 'redrive'),
    ),
}
