// Events to bytes, and to and from JSON: what producers and the gateway need. Compiles an event type at its first use and keeps
// the result; one codec serves a process. Bytes are Confluent's wire format: a zero, the schema id in four bytes, Avro.
import type { AnyEventType } from '../definition/event-type.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { ByteSink } from './byte-sink.ts'
import { compileWriter, refused } from './compile-writer.ts'
import type { Write } from './compile-writer.ts'
import { findProblems } from './find-problems.ts'
import type { Problem } from './find-problems.ts'
import { fromJson } from './from-json.ts'
import { jsonSchema } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { parseSchema } from './parse-schema.ts'
import type { SchemaNode } from './schema-node.ts'
import { toJson } from './to-json.ts'

interface Compiled {
  readonly node: SchemaNode
  readonly write: Write
}

export class EventCodec {
  readonly #compiled = new WeakMap<AnyEventType, Compiled>()
  readonly #sink = new ByteSink()

  /**
   * Encodes an event's data.
   * @param schemaId the id that the registry gave to this event type
   * @throws MillraceError MILLRACE_EVENT_INVALID with `context.problems`, one for each wrong field
   */
  encode(eventType: AnyEventType, schemaId: number, data: unknown): Buffer {
    const { write } = this.#compile(eventType)
    this.#sink.start(5)
    try {
      write(this.#sink, data)
    } catch (error) {
      throw this.#refusal(eventType, data, error)
    }
    return this.#sink.take((slab) => {
      slab[0] = 0
      slab.writeUInt32BE(schemaId, 1)
    })
  }

  /** Checks an event's data; empty when nothing is wrong. */
  validate(eventType: AnyEventType, data: unknown): readonly Problem[] {
    return findProblems(this.#compile(eventType).node, data)
  }

  /**
   * Makes typed data of parsed JSON: 64-bit numbers as strings or numbers, timestamps as ISO 8601 or milliseconds, bytes in
   * base64, fields with a default may be missing. When `problems` is not empty, `data` is of no use.
   */
  fromJson(eventType: AnyEventType, json: unknown): { readonly data: unknown; readonly problems: readonly Problem[] } {
    return fromJson(this.#compile(eventType).node, json)
  }

  /** Makes JSON of typed data: bigint as a string, Date as ISO 8601, bytes in base64. */
  toJson(eventType: AnyEventType, data: unknown): unknown {
    return toJson(this.#compile(eventType).node, data)
  }

  /** The JSON Schema (2020-12) of what `fromJson` takes. */
  jsonSchema(eventType: AnyEventType): JsonSchema {
    return jsonSchema(this.#compile(eventType).node)
  }

  #compile(eventType: AnyEventType): Compiled {
    const known = this.#compiled.get(eventType)
    if (known !== undefined) return known
    const node = parseSchema(eventType.schema)
    const compiled = { node, write: compileWriter(node) }
    this.#compiled.set(eventType, compiled)
    return compiled
  }

  #refusal(eventType: AnyEventType, data: unknown, cause: unknown): MillraceError {
    // Anything but a refused value is data that contains itself, or a default that does not fit its type.
    const problems = cause === refused ? findProblems(this.#compile(eventType).node, data) : []
    const reason = messageOf(cause)
    const list = problems.map(
      ({ path, expected, received }) => `${path || 'data'}: expected ${expected}, received ${received}`,
    )
    return new MillraceError(
      'MILLRACE_EVENT_INVALID',
      `${eventType.eventName} cannot be written: ${list.length > 0 ? list.slice(0, 5).join('; ') : reason}.`,
      { context: { eventType: eventType.fullName, problems }, ...(cause === refused ? {} : { cause }) },
    )
  }
}
