// Writes records through kafkajs's idempotent producer and absorbs its worst fault: after a failed send it counts sequence
// numbers back, and the broker then acknowledges other records as repeats of lost ones, without storing them (fault A, F2).
// So a producer that failed once is thrown away, and the next send gets a new one with a new producer id.
//
//   send ─▶ waiting pieces ─▶ one request in flight ─▶ positions, or a refusal of single records, or an unknown outcome
//
// While a request is in flight what arrives waits and is merged into the next one: no linger, yet a thousand concurrent sends
// are a few requests. Order within a partition is that of the calls. At-least-once: after a failure the caller sends again.
import { CompressionTypes, type Kafka, type Producer, type RecordMetadata, type TopicMessages } from 'kafkajs'
import { MillraceError } from '../errors/millrace-error.ts'
import { kafkaErrorType } from './kafka-error-type.ts'
import type { Logger } from '../observability/logger.ts'
import type { RecordProducer } from './kafka-port.ts'
import { cutRecords, RequestLoad, sizeOf } from './plan-requests.ts'
import type { NewRecord, Position } from './record.ts'

const LIMITS = { records: 2_000, bytes: 900_000 }
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
const NEVER = new Set([...TOO_LARGE, 'INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED', 'INVALID_RECORD'])
/** Failures of one record or topic, for which the others of the request must not suffer. */
const OF_ONE = new Set([...NEVER, 'UNKNOWN_TOPIC_OR_PARTITION'])

interface ProducerParts {
  readonly createClient: () => Kafka
  readonly logger: Logger
  /** After this long a send is given up; its outcome is then unknown. */
  readonly sendTimeoutMs: number
  /** A record larger than this is refused here, before it can fail others of the same request. */
  readonly maxRecordBytes: number
}

/** A part of one call of `send` that fits a request. */
interface Piece {
  readonly records: readonly NewRecord[]
  readonly call: Call
  readonly done: (positions: readonly Position[]) => void
  readonly fail: (error: MillraceError) => void
}

/** What the pieces of one call share: after the first failure the later ones are not sent, or they would overtake it. */
interface Call {
  failure: MillraceError | undefined
}

export function createRecordProducer(parts: ProducerParts): RecordProducer {
  return new QueueingProducer(parts)
}

class QueueingProducer implements RecordProducer {
  readonly #parts: ProducerParts
  readonly #waiting: Piece[] = []
  #producer: Promise<Producer> | undefined
  #sending: Promise<void> | undefined
  #closed = false

  constructor(parts: ProducerParts) {
    this.#parts = parts
  }

  async send(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (this.#closed) throw unavailable('the producer is closed')
    const tooLarge = records.find((record) => sizeOf(record) > this.#parts.maxRecordBytes)
    if (tooLarge !== undefined) throw refused(tooLarge, `it is larger than ${this.#parts.maxRecordBytes} bytes`)
    const pieces = cutRecords(records, LIMITS)
    const call: Call = { failure: undefined }
    const positions = await Promise.all(pieces.map((piece) => this.#enqueue(piece, call)))
    return positions.flat()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }

  #enqueue(records: readonly NewRecord[], call: Call): Promise<readonly Position[]> {
    const result = new Promise<readonly Position[]>((done, fail) => {
      this.#waiting.push({
        records,
        call,
        done,
        fail: (error) => {
          call.failure = error
          fail(error)
        },
      })
    })
    this.#sending ??= this.#sendWaiting()
    return result
  }

  async #sendWaiting(): Promise<void> {
    // A turn of the event loop, so that sends of one burst share the first request already.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const request: Piece[] = []
      const load = new RequestLoad(LIMITS)
      for (let next = this.#waiting[0]; next !== undefined && load.fits(next.records); next = this.#waiting[0]) {
        this.#waiting.shift()
        if (next.call.failure !== undefined) {
          next.fail(next.call.failure)
          continue
        }
        load.add(next.records)
        request.push(next)
      }
      if (request.length > 0) await this.#sendPieces(request)
    }
    this.#sending = undefined
  }

  async #sendPieces(pieces: readonly Piece[]): Promise<void> {
    try {
      const positions = await this.#sendOnce(pieces.flatMap(({ records }) => records))
      let at = 0
      for (const { records, done } of pieces) {
        done(positions.slice(at, at + records.length))
        at += records.length
      }
    } catch (error) {
      const type = kafkaErrorType(error)
      const [first] = pieces
      const record = first?.records[0]
      if (OF_ONE.has(type) && pieces.length > 1) {
        // Sent one by one, only the one at fault fails; some of the others may be written twice.
        for (const piece of pieces) await this.#sendPieces([piece])
      } else if (TOO_LARGE.has(type) && first !== undefined && first.records.length > 1) {
        await this.#sendSingly(first)
      } else {
        const failure =
          record !== undefined && NEVER.has(type)
            ? refused(record, `the broker answered ${type}`, error)
            : unavailable(`the brokers did not acknowledge it (${type})`, error)
        for (const { fail } of pieces) fail(failure)
      }
    }
  }

  /** A piece of which some record is too large for its topic: those that are not are written, the call fails for the one. */
  async #sendSingly({ records, call, done, fail }: Piece): Promise<void> {
    const positions: Position[] = []
    for (const record of records) {
      const one = await new Promise<Position | MillraceError>((resolve) => {
        const written = ([position]: readonly Position[]): void => resolve(position as Position)
        void this.#sendPieces([{ records: [record], call, done: written, fail: resolve }])
      })
      if (one instanceof MillraceError) {
        fail(one)
        return
      }
      positions.push(one)
    }
    done(positions)
  }

  async #sendOnce(records: readonly NewRecord[]): Promise<Position[]> {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${this.#parts.sendTimeoutMs} ms`)),
        this.#parts.sendTimeoutMs,
      )
    })
    const producing = this.#connected()
    let sending: Promise<RecordMetadata[]> | undefined
    try {
      const producer = await Promise.race([producing, limit])
      sending = producer.sendBatch({
        acks: -1,
        compression: CompressionTypes.None,
        topicMessages: toTopicMessages(records),
      })
      const answer = await Promise.race([sending, limit])
      const next = new Map(
        answer.map(({ topicName, partition, baseOffset }) => [`${partition} ${topicName}`, BigInt(baseOffset ?? -1)]),
      )
      return records.map(({ topic, partition }) => {
        const identity = `${partition} ${topic}`
        const offset = next.get(identity) ?? -1n
        if (offset < 0n) throw new Error(`the acknowledgement names no offset for ${topic} [${partition}]`)
        next.set(identity, offset + 1n)
        return { topic, partition, offset }
      })
    } catch (error) {
      this.#discard(producing, sending)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #connected(): Promise<Producer> {
    this.#producer ??= (async () => {
      const producer = this.#parts.createClient().producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
        retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, multiplier: 2, factor: 0.2 },
      })
      try {
        await producer.connect()
        return producer
      } catch (error) {
        void producer.disconnect().catch(() => undefined)
        throw error
      }
    })()
    return this.#producer
  }

  /** Disconnects twice, and nobody waits for it: a send that is still being tried again connects anew after the first. */
  #discard(producing: Promise<Producer>, sending: Promise<unknown> | undefined): void {
    if (this.#producer === producing) this.#producer = undefined
    const disconnect = (): Promise<void> => producing.then((producer) => producer.disconnect()).catch(() => undefined)
    void disconnect()
    if (sending !== undefined) void sending.then(disconnect, disconnect)
  }
}

function toTopicMessages(records: readonly NewRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>()
  for (const { topic, partition, key, value, headers } of records) {
    const messages = topics.get(topic) ?? { topic, messages: [] }
    messages.messages.push({ partition, key, value, headers: { ...headers } })
    topics.set(topic, messages)
  }
  return [...topics.values()]
}

function unavailable(reason: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_KAFKA_UNAVAILABLE',
    `Kafka did not take the records: ${reason}. Some may be on the log; send the same ones again.`,
    { retriable: true, cause },
  )
}

function refused({ topic, partition }: NewRecord, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('MILLRACE_RECORD_REFUSED', `A record for ${topic} [${partition}] was refused: ${reason}.`, {
    context: { topic, partition },
    cause,
  })
}
