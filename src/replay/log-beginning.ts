// A rebuild needs the log from its beginning: what retention or a person deleted would be missing in the new tables.
import type { AnyTopic } from '../definition/define-topic.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { TopicAdmin } from '../kafka/kafka-port.ts'

/** @throws MillraceError `MILLRACE_LOG_INCOMPLETE` naming the partitions that no longer begin at offset 0 */
export async function refuseLostBeginning(
  admin: Pick<TopicAdmin, 'watermarks'>,
  projection: string,
  topics: readonly AnyTopic[],
): Promise<void> {
  const lost: string[] = []
  for (const { name } of topics)
    for (const { partition, low } of await admin.watermarks(name))
      if (low > 0n) lost.push(`${name}[${partition}] begins at ${low}`)
  if (lost.length === 0) return
  throw new MillraceError(
    'MILLRACE_LOG_INCOMPLETE',
    `The log no longer reaches the beginning, so ${projection} would be rebuilt without its earliest events: ${lost.join(', ')}. Rebuild from what there is with --accept-loss.`,
  )
}
