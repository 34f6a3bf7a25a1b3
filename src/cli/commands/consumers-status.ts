// `millrace consumers status`: how far each consumer is, and what is parked.
import { consumersOf } from '../../definition/consumers-of.ts'
import { type Command, exitCodes } from '../command.ts'
import { table } from '../table.ts'
import { withProject } from '../with-project.ts'

interface CheckpointRow {
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly next_offset: bigint
  readonly applied: bigint
  readonly repeated: bigint
  readonly filtered: bigint
  readonly parked_total: bigint
}

interface ParkedRow {
  readonly consumer: string
  readonly waiting: bigint
  readonly parked: bigint
}

export const consumersStatus: Command = {
  name: 'consumers status',
  summary: 'Shows each consumer: lag, events applied, repeated, filtered, waiting and parked.',
  run: (invocation) =>
    withProject(invocation, async ({ definitions }, { kafka, database }) => {
      const checkpoints = await database.query<CheckpointRow>('SELECT * FROM millrace.checkpoint')
      const parked = await database.query<ParkedRow>(
        `SELECT consumer, count(*) FILTER (WHERE status = 'waiting') AS waiting, count(*) FILTER (WHERE status <> 'waiting') AS parked
         FROM millrace.parked GROUP BY consumer`,
      )
      const marks = new Map<string, bigint>()
      for (const { name } of definitions.topics)
        for (const { partition, high } of await kafka.admin.watermarks(name)) marks.set(`${name} ${partition}`, high)
      const rows = consumersOf(definitions).map(({ kind, name, version, from }) => {
        const id = `${name}.v${version}`
        const own = checkpoints.filter(({ consumer }) => consumer === id)
        const next = new Map(own.map((row) => [`${row.topic} ${row.partition}`, row.next_offset]))
        let lag = 0n
        for (const topic of from)
          for (let partition = 0; partition < topic.partitions; partition += 1) {
            const place = `${topic.name} ${partition}`
            lag += (marks.get(place) ?? 0n) - (next.get(place) ?? 0n)
          }
        const sum = (column: 'applied' | 'repeated' | 'filtered'): bigint =>
          own.reduce((total, row) => total + row[column], 0n)
        const held = parked.find(({ consumer }) => consumer === id)
        return {
          consumer: name,
          kind,
          version,
          lag,
          applied: sum('applied'),
          repeated: sum('repeated'),
          filtered: sum('filtered'),
          waiting: held?.waiting ?? 0n,
          parked: held?.parked ?? 0n,
        }
      })
      if (invocation.json) {
        invocation.print(
          JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
        )
      } else {
        const columns = [
          'consumer',
          'kind',
          'version',
          'lag',
          'applied',
          'repeated',
          'filtered',
          'waiting',
          'parked',
        ] as const
        invocation.print(
          table(
            columns,
            rows.map((row) => columns.map((column) => row[column])),
          ),
        )
      }
      return exitCodes.done
    }),
}
