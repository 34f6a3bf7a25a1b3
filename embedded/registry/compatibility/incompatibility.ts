// What the compatibility check reports: a difference between a reader's and a writer's schema that makes the reader fail on
// what the writer wrote. Types only.
import type { AvroSchema } from './avro-schema.ts'

export type IncompatibilityType =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'READER_FIELD_AMBIGUOUS'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH'

export interface Incompatibility {
  readonly type: IncompatibilityType
  /** The detail: a field's name, the missing symbols, both types. */
  readonly message: string
  /** JSON pointer into the reader's schema, through names to their definitions; inside a writer's union, into the writer's. */
  readonly path: string
  /** The two schemas that differ: the parts, not the whole. */
  readonly reader: AvroSchema
  readonly writer: AvroSchema
}
