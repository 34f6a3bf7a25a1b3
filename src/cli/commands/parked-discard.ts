// `millrace parked discard`: drops parked events for good, on record in millrace.audit.
import type { Command } from '../command.ts'
import { markArguments, markOptions, markParked } from '../mark-parked.ts'
import { withProject } from '../with-project.ts'

export const parkedDiscard: Command = {
  name: 'parked discard',
  arguments: markArguments,
  summary: 'Drops parked events for good: one, a group, or all of a consumer.',
  description:
    'Marks the events; the process that owns their partition carries it out between two batches. Who asked is kept in millrace.audit.',
  options: markOptions,
  run: (invocation) =>
    withProject(invocation, ({ definitions }, { database }) =>
      markParked(invocation, definitions, database, 'discard'),
    ),
}
