// `millrace topics list`: the topics of the project, as defined and as they lie on the cluster.
import { type Command, exitCodes } from '../command.ts'
import { table } from '../table.ts'
import { withProject } from '../with-project.ts'

export const topicsList: Command = {
  name: 'topics list',
  summary: 'Lists the topics: partitions, key, cleanup, records.',
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { kafka }) => {
      const existing = new Set((await kafka.admin.describe()).map(({ name }) => name))
      const rows = await Promise.all(
        definitions.topics.map(async (topic) => {
          const marks = existing.has(topic.name) ? await kafka.admin.watermarks(topic.name) : []
          const records = marks.reduce((sum, { low, high }) => sum + (high - low), 0n)
          return {
            name: topic.name,
            partitions: topic.partitions,
            key: topic.key,
            cleanup: topic.cleanup,
            exists: existing.has(topic.name),
            records,
          }
        }),
      )
      if (invocation.json) {
        invocation.print(JSON.stringify(rows.map((row) => ({ ...row, records: String(row.records) }))))
      } else {
        const cells = rows.map(({ name, partitions, key, cleanup, exists, records }) => [
          name,
          partitions,
          key,
          cleanup,
          exists ? records : null,
        ])
        invocation.print(table(['topic', 'partitions', 'key', 'cleanup', 'records'], cells))
      }
      return exitCodes.done
    }),
}
