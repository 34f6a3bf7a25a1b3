// An Avro schema as this room works on it: names resolved, logical types and the form that each value has in TypeScript decided.
// Every walker (reader, writer, validation, JSON, JSON Schema, generated types) goes over these nodes and no other form.

interface Leaf {
  readonly kind: 'null' | 'boolean' | 'float' | 'double'
}

/** A number, or days since 1970 as a Date. */
interface IntNode {
  readonly kind: 'int'
  readonly as: 'number' | 'date'
}

/**
 * 64 bits: bigint unless the schema says `"millrace.type": "number"`; a Date for timestamp-millis and timestamp-micros (a Date
 * holds milliseconds, so the last three digits of micros are not kept).
 */
interface LongNode {
  readonly kind: 'long'
  readonly as: 'bigint' | 'number' | 'millis' | 'micros'
}

interface StringNode {
  readonly kind: 'string'
  readonly as: 'string' | 'uuid'
}

/** A decimal is a string of digits with exactly `scale` of them behind the point, because a JavaScript number would round. */
export interface DecimalForm {
  readonly precision: number
  readonly scale: number
}

interface BytesNode {
  readonly kind: 'bytes'
  readonly decimal: DecimalForm | null
}

/** What every named type has. */
interface Named {
  /** With the namespace. */
  readonly fullName: string
  /** Without it. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly doc: string | null
}

export interface FixedNode extends Named {
  readonly kind: 'fixed'
  readonly size: number
  readonly decimal: DecimalForm | null
}

export interface EnumNode extends Named {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader takes for a symbol that it does not know, or null. */
  readonly fallback: string | null
}

interface ArrayNode {
  readonly kind: 'array'
  readonly items: SchemaNode
}

interface MapNode {
  readonly kind: 'map'
  readonly values: SchemaNode
}

export interface FieldNode {
  readonly name: string
  readonly aliases: readonly string[]
  readonly doc: string | null
  readonly type: SchemaNode
  /** The default in its JSON form; undefined where there is none. */
  readonly default: unknown
}

export interface RecordNode extends Named {
  readonly kind: 'record'
  readonly fields: readonly FieldNode[]
}

/** One branch of a union. */
export interface Branch {
  readonly type: SchemaNode
  /**
   * Null where a value stands for itself. A union with more than one record or map wraps these: `{ ReportMade: { … } }`, since
   * nothing in a plain object would tell which one it is.
   */
  readonly label: string | null
}

export interface UnionNode {
  readonly kind: 'union'
  readonly branches: readonly Branch[]
}

export type SchemaNode =
  | Leaf
  | IntNode
  | LongNode
  | StringNode
  | BytesNode
  | FixedNode
  | EnumNode
  | ArrayNode
  | MapNode
  | RecordNode
  | UnionNode
