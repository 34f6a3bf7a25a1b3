// The user's models as the engine sees them: what prisma/schema.prisma says, with the names and types of the database. Written
// as models.json by the millrace-models generator, read by readModels.

/** Prisma's scalar types. */
export type ScalarType = 'String' | 'Boolean' | 'Int' | 'BigInt' | 'Float' | 'Decimal' | 'DateTime' | 'Json' | 'Bytes'

export interface EnumValue {
  readonly name: string
  /** What the database holds for it. */
  readonly stored: string
}

export interface ModelField {
  readonly name: string
  readonly column: string
  /** `Enum` for a field of an enum type; its values are in `enumValues`. */
  readonly type: ScalarType | 'Enum'
  /** The column's type in SQL, quoted where it must be, e.g. `timestamp(3)`, `uuid`, `text[]`, `"public"."Status"`. */
  readonly sqlType: string
  readonly isList: boolean
  /** The column is never null. */
  readonly isRequired: boolean
  readonly hasDefault: boolean
  /** The values of an enum, empty for any other type. */
  readonly enumValues: readonly EnumValue[]
}

export interface Model {
  readonly name: string
  readonly table: string
  /** The schema of the table in Postgres. */
  readonly schema: string
  /** Scalar fields in the order of the schema file; relations are left out. */
  readonly fields: readonly ModelField[]
  /** Names of the fields of its @id or @@id; empty for a model without one. */
  readonly key: readonly string[]
}

/** The models of a project by name. */
export type Models = ReadonlyMap<string, Model>
