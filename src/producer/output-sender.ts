// Sends what a consumer's events lead to. Ids derive from the input's id, so that a repeat of the input writes the same events
// again and the next consumer drops them. The input counts as done only when the brokers have its outputs: during an outage the
// sender waits and sends the same records again, because giving up would run the input's effect again.
import type { Event } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import { failureOf } from '../errors/failure-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Logger } from '../observability/logger.ts'
import { backOffMs } from '../kafka/back-off-ms.ts'
import { maxRecordBytes } from '../kafka/max-record-bytes.ts'
import { sizeOf } from '../kafka/plan-requests.ts'
import type { EventCodec } from '../schema/event-codec.ts'
import type { SchemaIds } from '../schema/register-topic-schemas.ts'
import type { Emitter, PreparedEvent } from './create-emitter.ts'
import { describeEmissions } from './describe-emissions.ts'
import { encodeRecord, type RecordParts } from './make-record.ts'

/** How a sending ended: never with an exception. */
export type Sent =
  | { readonly kind: 'acknowledged' }
  /** The process stops or the partition is lost; some of the records may be on the log. */
  | { readonly kind: 'aborted' }
  /** The events are not what their schema says, or the brokers will never take them: the input cannot succeed. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

export interface OutputSender {
  /** Encodes the outputs of one input without sending them. */
  prepare(input: Event, emissions: readonly Emission[]): Prepared
  /** Sends what was prepared, of any number of inputs, in this order. */
  deliver(prepared: readonly PreparedEvent[], signal: AbortSignal): Promise<Sent>
  /** Both for one input. */
  send(input: Event, emissions: readonly Emission[], signal: AbortSignal): Promise<Sent>
}

/** Outputs that can be sent, or why not. */
export type Prepared =
  | { readonly kind: 'prepared'; readonly events: readonly PreparedEvent[] }
  | Extract<Sent, { readonly kind: 'refused' }>

export interface OutputSenderOptions {
  readonly emitter: Pick<Emitter, 'write'>
  readonly codec: EventCodec
  /** The registry's ids, known since the start. */
  readonly schemaIds: Pick<SchemaIds, 'of'>
  readonly now: () => Date
  readonly newId: () => string
  readonly app: string
  /** The consumer whose outputs these are: part of their ids and of their source. */
  readonly consumer: string
  /** Waits for the given milliseconds, or until the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
}

/** Makes the sender of a consumer. */
export function outputSender(options: OutputSenderOptions): OutputSender {
  const { emitter, codec, schemaIds, app, consumer, sleep, logger } = options

  const encode = (parts: RecordParts): PreparedEvent => {
    const { topic, eventType, envelope } = parts
    const schemaId = eventType === null ? null : schemaIds.of(topic, eventType)
    if (schemaId === undefined) {
      throw new MillraceError(
        'MILLRACE_EVENT_INVALID',
        `${eventType?.eventName} on ${topic.name} has no schema id: the topic is none of schemas/topics/`,
      )
    }
    const record = encodeRecord(codec, schemaId, parts)
    // Known here, it parks its input; refused by the producer, it would hold up all outputs that are sent with it.
    if (sizeOf(record) > maxRecordBytes) {
      const what = `${eventType?.eventName ?? 'a tombstone'} for ${topic.name}`
      throw new MillraceError('MILLRACE_RECORD_REFUSED', `${what} is larger than ${maxRecordBytes} bytes.`)
    }
    return { id: envelope.id, record }
  }
  const prepare: OutputSender['prepare'] = (input, emissions) => {
    if (emissions.length === 0) return { kind: 'prepared', events: [] }
    const context = {
      source: `/${app}/${consumer}`,
      idFrom: { id: input.id, name: consumer },
      correlationId: input.correlationId,
      causationId: input.id,
    }
    try {
      return { kind: 'prepared', events: describeEmissions(emissions, context, options).map(encode) }
    } catch (error) {
      return refusal(error)
    }
  }
  const deliver: OutputSender['deliver'] = async (prepared, signal) => {
    if (prepared.length === 0) return { kind: 'acknowledged' }
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await emitter.write(prepared)
        return { kind: 'acknowledged' }
      } catch (error) {
        if (!(error instanceof MillraceError && error.retriable)) return refusal(error)
        const waitMs = backOffMs(failures)
        logger.warn({ err: error, waitMs }, 'outputs cannot be sent now; waiting')
        await sleep(waitMs, signal)
      }
    }
    return { kind: 'aborted' }
  }
  return {
    prepare,
    deliver,
    async send(input, emissions, signal) {
      const prepared = prepare(input, emissions)
      return prepared.kind === 'prepared' ? deliver(prepared.events, signal) : prepared
    },
  }
}

function refusal(error: unknown): Extract<Sent, { readonly kind: 'refused' }> {
  return { kind: 'refused', ...failureOf(error) }
}
