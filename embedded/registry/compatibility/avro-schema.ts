// A parsed Avro schema: every name is full, every reference is the referenced object itself (so recursive types are cycles),
// and what Avro does not know about (custom properties, logical types) is kept in `props` in its order. Types only.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export type PrimitiveName = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

export interface PrimitiveSchema {
  readonly type: PrimitiveName
  readonly props: JsonObject
}

export interface ArraySchema {
  readonly type: 'array'
  readonly items: AvroSchema
  readonly props: JsonObject
}

export interface MapSchema {
  readonly type: 'map'
  readonly values: AvroSchema
  readonly props: JsonObject
}

export interface UnionSchema {
  readonly type: 'union'
  readonly branches: readonly AvroSchema[]
}

interface Named {
  /** Full name: namespace, dot, name; the bare name where there is no namespace. */
  readonly name: string
  /** Full names. */
  readonly aliases: readonly string[]
  readonly doc?: string
  readonly props: JsonObject
}

export interface EnumSchema extends Named {
  readonly type: 'enum'
  readonly symbols: readonly string[]
  readonly default?: string
}

export interface FixedSchema extends Named {
  readonly type: 'fixed'
  readonly size: number
}

export interface AvroField {
  readonly name: string
  readonly schema: AvroSchema
  readonly doc?: string
  /** Absent when the field has no default; a default of null is null. */
  readonly default?: Json
  readonly order?: 'descending' | 'ignore'
  readonly aliases: readonly string[]
  readonly props: JsonObject
}

export interface RecordSchema extends Named {
  readonly type: 'record'
  readonly isError: boolean
  readonly fields: readonly AvroField[]
}

export type NamedSchema = RecordSchema | EnumSchema | FixedSchema
export type AvroSchema = PrimitiveSchema | ArraySchema | MapSchema | UnionSchema | NamedSchema
