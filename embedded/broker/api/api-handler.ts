// What an API of the protocol is to the broker: a key, the versions it speaks, and a function from a request to a reply.

import type { Clock } from '../clock.ts'
import type { Groups } from '../group/groups.ts'
import type { ProducerIds } from '../producer-ids.ts'
import type { Topic } from '../topic/topic.ts'
import type { Topics } from '../topic/topics.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'

export type ApiRange = { readonly key: number; readonly minVersion: number; readonly maxVersion: number }

/** What handlers work on: the state of the one node. */
export type BrokerState = {
  readonly clusterId: string
  readonly nodeId: number
  /** Where clients are told to connect to. */
  readonly host: string
  readonly port: number
  readonly topics: Topics
  readonly groups: Groups
  readonly producerIds: ProducerIds
  readonly clock: Clock
  readonly defaultPartitions: number
  readonly autoCreateTopics: boolean
  /** Every registered handler, for ApiVersions. */
  readonly apis: readonly ApiRange[]
  /** Deletes a topic with all that is kept about it elsewhere. */
  deleteTopic(topic: Topic): Promise<void>
}

export type ApiRequest = {
  readonly version: number
  readonly clientId: string
  readonly clientHost: string
  readonly body: Reader
  /** The reply behind its header. */
  readonly reply: Writer
  /** Takes the reply back: nothing is sent. Only a produce request with acks 0 wants that. */
  readonly withoutReply: () => void
  /**
   * Registers a wait that may be cut short, and returns how to take it back. `wake` is called when the connection ends
   * or when another request comes on it, which would otherwise wait behind this one for its reply.
   */
  readonly onHurry: (wake: () => void) => () => void
}

export type ApiHandler = ApiRange & {
  readonly name: string
  /** The first version with compact lengths and tagged fields; Infinity when there is none. */
  readonly flexibleFrom: number
  /** Must do what its order among other requests decides on before it first waits. A throw closes the connection. */
  handle(request: ApiRequest, broker: BrokerState): Promise<void> | void
}
