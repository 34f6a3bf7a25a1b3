// A request as the routes see it, and the readers of its parts: each returns a checked value or raises the error that the
// contract has for it.
import { COMPATIBILITY_LEVELS, type CompatibilityLevel } from '../compatibility/compatibility-levels.ts'
import { RegistryError } from '../registry-error.ts'
import type { Registration, VersionName } from '../schema-registry.ts'
import type { Mode, SchemaReference } from '../store/journal-entry.ts'

const MODES: readonly string[] = ['READWRITE', 'READONLY', 'IMPORT'] satisfies Mode[]
const MAX_INT = 2 ** 31 - 1
// Control characters would break logs; a leading colon is another registry's syntax for contexts, which are not supported.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BAD_SUBJECT = /^$|^:|[\u0000-\u001f\u007f]/

export class RegistryRequest {
  readonly #params: Readonly<Record<string, string>>
  readonly #query: URLSearchParams
  readonly #body: Readonly<Record<string, unknown>>

  constructor(
    params: Readonly<Record<string, string>>,
    query: URLSearchParams,
    body: Readonly<Record<string, unknown>>,
  ) {
    this.#params = params
    this.#query = query
    this.#body = body
  }

  subject(): string {
    const subject = this.#params['subject'] ?? ''
    if (BAD_SUBJECT.test(subject)) {
      throw new RegistryError(42208, `The specified subject '${JSON.stringify(subject)}' is not a valid.`)
    }
    return subject
  }

  version(): VersionName {
    const text = this.#params['version'] ?? ''
    if (text === 'latest' || text === '-1') return 'latest'
    const version = /^\d{1,10}$/.test(text) ? Number(text) : 0
    if (version >= 1 && version <= MAX_INT) return version
    throw new RegistryError(
      42202,
      `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    )
  }

  /** An id that is no number is one that nobody has. */
  id(): number {
    const text = this.#params['id'] ?? ''
    if (!/^\d{1,10}$/.test(text)) throw new RegistryError(404, 'HTTP 404 Not Found')
    return Number(text)
  }

  isOn(name: string): boolean {
    return this.#query.get(name) === 'true'
  }

  text(name: string): string {
    return this.#query.get(name) ?? ''
  }

  /** The part of a list that was asked for by `offset` and `limit`. */
  page<T>(list: readonly T[]): readonly T[] {
    const offset = Number(this.#query.get('offset') ?? 0)
    const limit = Number(this.#query.get('limit') ?? -1)
    const start = offset > 0 ? offset : 0
    return limit > 0 ? list.slice(start, start + limit) : list.slice(start)
  }

  registration(): Registration {
    const { schema, schemaType, references, id, version } = this.#body
    if (typeof schema !== 'string' || schema === '') throw new RegistryError(42201, 'Empty schema')
    if (schemaType !== undefined && schemaType !== null && schemaType !== 'AVRO') {
      throw new RegistryError(42201, `Invalid schema type ${JSON.stringify(schemaType)}: this registry holds AVRO only`)
    }
    return {
      schema,
      references: referencesOf(references),
      ...(isPositive(id) && { id }),
      ...(isPositive(id) && isPositive(version) && { version }),
    }
  }

  level(): CompatibilityLevel {
    const given = this.#body['compatibility']
    const level = typeof given === 'string' ? given.toUpperCase() : ''
    if (Object.hasOwn(COMPATIBILITY_LEVELS, level)) return level as CompatibilityLevel
    const valid = Object.keys(COMPATIBILITY_LEVELS).join(', ')
    throw new RegistryError(42203, `Invalid compatibility level. Valid values are ${valid}`)
  }

  mode(): Mode {
    const given = this.#body['mode']
    const mode = typeof given === 'string' ? given.toUpperCase() : ''
    if (MODES.includes(mode)) return mode as Mode
    throw new RegistryError(42204, `Invalid mode. Valid values are ${MODES.join(', ')}`)
  }
}

function referencesOf(given: unknown): readonly SchemaReference[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw new RegistryError(42201, 'Invalid schema: "references" is not an array')
  return given.map((each: Partial<SchemaReference> | null) => {
    const { name, subject, version } = each ?? {}
    if (typeof name === 'string' && typeof subject === 'string' && isPositive(version))
      return { name, subject, version }
    throw new RegistryError(42201, 'Invalid schema: a reference needs "name", "subject" and a "version" of 1 or more')
  })
}

function isPositive(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_INT
}
