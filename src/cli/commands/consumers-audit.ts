// `millrace consumers audit`: no record was skipped and none was counted twice, proved against the log.
import { auditConsumers } from '../audit-consumers.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { readTextOption } from '../read-text-option.ts'
import { resolveConsumer } from '../resolve-consumer.ts'
import { table } from '../table.ts'
import { withProject } from '../with-project.ts'

export const consumersAudit: Command = {
  name: 'consumers audit',
  summary: 'Proves that nothing was skipped: applied + repeated + filtered + parked = records below each checkpoint.',
  description:
    'Reads the log up to each checkpoint. Exit code 1 when a partition differs. Where compaction or retention has taken\nrecords away, the count cannot be proved any more, and the row says so.',
  options: { consumer: { type: 'string', value: '<consumer>', description: 'Only one consumer.' } },
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { database, kafka }) => {
      const { json, print, signal } = invocation
      const named = readTextOption(invocation, 'consumer')
      const consumer = named === null ? null : resolveConsumer(named, definitions)
      let read = 0
      const rows = await auditConsumers({
        database,
        kafka,
        topics: definitions.topics,
        consumer,
        onRead: (records) => (read += records),
        signal,
      })
      const wrong = rows.filter(({ verdict }) => verdict === 'differs' || verdict === 'beyond the log')
      if (json) print(jsonText(rows))
      else {
        const columns = [
          'consumer',
          'topic',
          'partition',
          'next',
          'applied',
          'repeated',
          'filtered',
          'parked',
          'records',
        ] as const
        const cells = rows.map((row) => [...columns.map((column) => row[column]), row.verdict])
        print(table([...columns, 'verdict'], cells))
        print(`\n${read} records read; ${rows.length} partitions, ${wrong.length} of them wrong`)
      }
      return wrong.length > 0 ? exitCodes.failed : exitCodes.done
    }),
}
