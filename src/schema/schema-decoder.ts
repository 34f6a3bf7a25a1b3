// Bytes from a topic to typed data. `prepare` asks the registry for the writer schemas of a batch, `decode` is then synchronous.
// Whatever the bytes are, decode returns an event's data or throws a MillraceError: MILLRACE_UNDECODABLE is the record's own fault
// and never goes away; a registry that cannot be reached is a retriable error out of `prepare`.
import type { AnyTopic } from '../definition/define-topic.ts'
import type { AnyEventType } from '../definition/event-type.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { ByteCursor } from './byte-cursor.ts'
import type { Read } from './compile-record-reader.ts'
import { compileReader } from './compile-reader.ts'
import { parseSchema } from './parse-schema.ts'
import type { RegistryClient } from './registry-client.ts'
import type { RecordNode, SchemaNode } from './schema-node.ts'
import { Unreadable } from './unreadable.ts'

/** An event's data with the type it is of. */
export interface DecodedData {
  readonly eventType: AnyEventType
  readonly data: unknown
}

export interface SchemaDecoderOptions {
  readonly registry: Pick<RegistryClient, 'fetchSchema'>
  /** The clock, in milliseconds. */
  readonly now: () => number
  /** How long an id that the registry does not know is taken to stay unknown, in milliseconds (default: 10,000). */
  readonly unknownForMs?: number
}

/** A writer's schema, or why there is none. `until` is when to ask again. */
type Writer =
  | { readonly node: SchemaNode; readonly until: null }
  | { readonly reason: string; readonly until: number | null }

/** How records of one schema id on one topic are read, or why they are not. */
type Plan =
  | { readonly eventType: AnyEventType; readonly read: Read }
  | { readonly reason: string; readonly writer: Writer }

/** Larger records are refused before a byte is read. */
const maxRecordBytes = 16 * 1024 * 1024
/** Ids come from whoever writes to the topic: what is kept of them is bounded. */
const maxWriters = 10_000
const fetchesAtOnce = 8

export class SchemaDecoder {
  readonly #options: SchemaDecoderOptions
  readonly #writers = new Map<number, Writer>()
  readonly #plans = new WeakMap<AnyTopic, Map<number, Plan>>()
  readonly #readers = new WeakMap<AnyEventType, SchemaNode>()
  readonly #cursor = new ByteCursor()

  constructor(options: SchemaDecoderOptions) {
    this.#options = options
  }

  /** The schema id that a record's value names, or null where it is not in the wire format. */
  static idOf(value: Buffer): number | null {
    return value.length >= 5 && value[0] === 0 ? value.readUInt32BE(1) : null
  }

  /**
   * Fetches the writer schemas of a batch that are not known yet. Without any, it does no I/O.
   * @throws MillraceError MILLRACE_REGISTRY_UNAVAILABLE, retriable
   */
  async prepare(values: Iterable<Buffer | null>): Promise<void> {
    const missing = new Set<number>()
    for (const value of values) {
      const id = value === null ? null : SchemaDecoder.idOf(value)
      if (id !== null && !this.#isKnown(id)) missing.add(id)
    }
    const ids = [...missing]
    for (let start = 0; start < ids.length; start += fetchesAtOnce) {
      await Promise.all(ids.slice(start, start + fetchesAtOnce).map((id) => this.#fetch(id)))
    }
  }

  /**
   * Decodes the value of a record of a topic.
   * @throws MillraceError MILLRACE_UNDECODABLE, or MILLRACE_SCHEMA_NOT_PREPARED (retriable) for an id that was not prepared
   */
  decode(topic: AnyTopic, value: Buffer): DecodedData {
    const id = SchemaDecoder.idOf(value)
    if (id === null) throw undecodable(topic, 'it does not begin with a zero byte and a schema id of four bytes')
    if (value.length > maxRecordBytes) throw undecodable(topic, `it is longer than ${maxRecordBytes} bytes`)
    const plan = this.#plan(topic, id)
    if ('reason' in plan) throw undecodable(topic, plan.reason, id)
    try {
      this.#cursor.start(value, 5)
      const data = plan.read(this.#cursor)
      this.#cursor.finish()
      return { eventType: plan.eventType, data }
    } catch (error) {
      const reason = messageOf(error)
      throw undecodable(topic, `as ${plan.eventType.fullName}, ${reason}`, id)
    }
  }

  #isKnown(id: number): boolean {
    const writer = this.#writers.get(id)
    return writer !== undefined && (writer.until === null || writer.until > this.#options.now())
  }

  async #fetch(id: number): Promise<void> {
    const writer = await this.#fetchWriter(id)
    if (this.#writers.size >= maxWriters) this.#writers.delete(this.#writers.keys().next().value as number)
    this.#writers.set(id, writer)
  }

  async #fetchWriter(id: number): Promise<Writer> {
    try {
      const schema = await this.#options.registry.fetchSchema(id)
      if (schema !== null) return { node: parseSchema(schema), until: null }
      const until = this.#options.now() + (this.#options.unknownForMs ?? 10_000)
      return { reason: `the registry has no schema ${id}`, until }
    } catch (error) {
      if (error instanceof MillraceError && !error.retriable) {
        return { reason: `schema ${id} is of no use: ${error.message}`, until: null }
      }
      throw error
    }
  }

  #plan(topic: AnyTopic, id: number): Plan {
    const writer = this.#writers.get(id)
    if (writer === undefined) {
      throw new MillraceError('MILLRACE_SCHEMA_NOT_PREPARED', `Schema ${id} was not fetched; call prepare() first.`, {
        retriable: true,
        context: { topic: topic.name, schemaId: id },
      })
    }
    const plans = this.#plans.get(topic) ?? new Map<number, Plan>()
    this.#plans.set(topic, plans)
    const known = plans.get(id)
    if (known !== undefined && (!('writer' in known) || known.writer === writer)) return known
    if (plans.size >= maxWriters) plans.clear()
    const plan = 'node' in writer ? this.#compile(topic, writer) : { reason: writer.reason, writer }
    plans.set(id, plan)
    return plan
  }

  /** Any producer may put any registered schema on any topic: only the topic's own events are read. */
  #compile(topic: AnyTopic, writer: Extract<Writer, { node: SchemaNode }>): Plan {
    const { node } = writer
    const found = node.kind === 'record' ? this.#eventTypeOf(topic, node) : null
    if (found === null) {
      const name = 'fullName' in node ? node.fullName : node.kind
      return { reason: `${name} is not an event of the topic`, writer }
    }
    try {
      return { eventType: found.eventType, read: compileReader(node, found.reader) }
    } catch (error) {
      const reason = error instanceof Unreadable ? error.message : 'the schema is nested too deeply'
      return { reason: `${found.eventType.fullName} cannot be read with the schema at hand: ${reason}`, writer }
    }
  }

  #eventTypeOf(topic: AnyTopic, writer: RecordNode): { eventType: AnyEventType; reader: SchemaNode } | null {
    for (const eventType of topic.events as readonly AnyEventType[]) {
      const reader = this.#readers.get(eventType) ?? parseSchema(eventType.schema)
      this.#readers.set(eventType, reader)
      const isAlias = reader.kind === 'record' && reader.aliases.includes(writer.fullName)
      if (eventType.fullName === writer.fullName || isAlias) return { eventType, reader }
    }
    return null
  }
}

function undecodable(topic: AnyTopic, reason: string, schemaId?: number): MillraceError {
  return new MillraceError('MILLRACE_UNDECODABLE', `A record of topic ${topic.name} cannot be decoded: ${reason}.`, {
    context: { topic: topic.name, reason, ...(schemaId === undefined ? {} : { schemaId }) },
  })
}
