// Looks at the cluster: does a broker answer, are the topics there with the partitions that their definitions say?
import type { AnyTopic } from '../../definition/define-topic.ts'
import type { TopicAdmin } from '../../kafka/kafka-port.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Finding } from './finding.ts'

/** @param brokers as people know them, for the texts */
export async function checkKafka(
  admin: Pick<TopicAdmin, 'describe'>,
  topics: readonly AnyTopic[],
  brokers: string,
): Promise<readonly Finding[]> {
  let existing: ReadonlyMap<string, number>
  try {
    existing = new Map((await admin.describe()).map(({ name, partitions }) => [name, partitions]))
  } catch (error) {
    const reason = messageOf(error)
    return [
      {
        subject: 'kafka',
        state: 'fail',
        detail: `no broker at ${brokers} answers: ${reason}`,
        fix: 'start the brokers, or correct KAFKA_BROKERS and the KAFKA_SSL and KAFKA_SASL settings',
      },
    ]
  }
  const reached: Finding = { subject: 'kafka', state: 'ok', detail: `reached at ${brokers}` }
  return [reached, ...topics.map((topic) => checkTopic(topic, existing.get(topic.name)))]
}

function checkTopic({ name, partitions }: AnyTopic, found: number | undefined): Finding {
  const subject = `topic ${name}`
  if (found === undefined)
    return { subject, state: 'fail', detail: 'it does not exist', fix: 'run `millrace migrate`, which creates it' }
  if (found === partitions) return { subject, state: 'ok', detail: `${found} partitions` }
  return {
    subject,
    state: 'fail',
    detail: `it has ${found} partitions, its definition says ${partitions}: keys would change their partition`,
    fix: `write partitions: ${found} into the definition, or put the events on a topic of another name`,
  }
}
