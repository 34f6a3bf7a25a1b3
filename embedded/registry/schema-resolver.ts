// From text and references, as a request or the store holds them, to a parsed schema and the text that is stored. References
// are resolved through the store, theirs included; what has an id is parsed once, for an id never changes its meaning.
import type { AvroSchema } from './compatibility/avro-schema.ts'
import { canonicalText } from './compatibility/canonical-text.ts'
import { namedTypes } from './compatibility/named-types.ts'
import { normalisedText } from './compatibility/normalised-text.ts'
import { parseSchemaText } from './compatibility/parse-schema-text.ts'
import { RegistryError } from './registry-error.ts'
import type { SchemaReference, SchemaVersion } from './store/journal-entry.ts'
import type { SchemaContent, SchemaStore } from './store/schema-store.ts'

export interface ResolvedSchema {
  readonly parsed: AvroSchema
  /** What is stored, and what decides about the id. */
  readonly content: SchemaContent
}

export interface ResolveOptions {
  /** Store the normalised text, with the references sorted. */
  readonly normalize: boolean
  /** Off where only the text counts, and for what is stored already. */
  readonly checkDefaults: boolean
}

export class SchemaResolver {
  readonly #store: SchemaStore
  readonly #parsed = new Map<number, AvroSchema>()

  constructor(store: SchemaStore) {
    this.#store = store
  }

  /** @throws RegistryError 42201 when the text is no valid schema or a reference is unknown */
  resolve(content: SchemaContent, { normalize, checkDefaults }: ResolveOptions): ResolvedSchema {
    const references = content.references.map((reference) => this.#referenced(reference))
    const parsed = parseSchemaText(content.schema, { references, checkDefaults })
    if (!parsed.ok) {
      const problems = parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
      throw new RegistryError(42201, `Invalid schema: ${problems}`)
    }
    const external = namedTypes(references).keys()
    return {
      parsed: parsed.schema,
      content: normalize
        ? { schema: normalisedText(parsed.schema, external), references: sortedDistinct(content.references) }
        : { schema: canonicalText(parsed.schema, external), references: content.references },
    }
  }

  /** The parsed schema of a version that is stored. */
  stored({ id, schema, references = [] }: SchemaVersion): AvroSchema {
    const parsed =
      this.#parsed.get(id) ?? this.resolve({ schema, references }, { normalize: false, checkDefaults: false }).parsed
    this.#parsed.set(id, parsed)
    return parsed
  }

  // A chain of references ends: a version refers only to what was there before it, and nothing that is referred to is
  // deleted for good.
  #referenced({ name, subject, version }: SchemaReference): AvroSchema {
    const found = this.#store.versions(subject, true).find((each) => each.version === version)
    if (found === undefined) {
      const wanted = `version ${version} of subject "${subject}", named as reference "${name}"`
      throw new RegistryError(42201, `Invalid schema: there is no ${wanted}`)
    }
    return this.stored(found)
  }
}

function sortedDistinct(references: readonly SchemaReference[]): readonly SchemaReference[] {
  const byText = new Map(references.map((reference) => [JSON.stringify(reference), reference]))
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference)
}
