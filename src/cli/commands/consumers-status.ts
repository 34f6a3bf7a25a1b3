// `millrace consumers status`: how far each consumer is, and what is parked.
import { type Command, exitCodes } from '../command.ts'
import { consumerStates } from '../consumer-states.ts'
import { jsonText } from '../json-text.ts'
import { table } from '../table.ts'
import { withProject } from '../with-project.ts'

const columns = [
  'consumer',
  'kind',
  'version',
  'live',
  'lag',
  'applied',
  'repeated',
  'filtered',
  'waiting',
  'parked',
] as const

export const consumersStatus: Command = {
  name: 'consumers status',
  summary: 'Shows each consumer: lag, events applied, repeated, filtered, waiting and parked.',
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { kafka, database }) => {
      const states = await consumerStates(definitions, kafka.admin, database)
      if (invocation.json) invocation.print(jsonText(states))
      else
        invocation.print(
          table(
            columns,
            states.map((state) => columns.map((column) => state[column])),
          ),
        )
      return exitCodes.done
    }),
}
