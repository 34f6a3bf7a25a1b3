// For property tests: random Avro schemas, each with random typed values.
import fc from 'fast-check'
import type { AvroSchema } from '../../src/definition/event-type.ts'

export interface SchemaWithValue {
  readonly schema: AvroSchema
  readonly value: fc.Arbitrary<unknown>
}

let names = 0
const nextName = (): string => `N${(names += 1)}`

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const instant = fc.date({ noInvalidDate: true })
const number = fc.double()
const float = fc.float()

const leaves: readonly fc.Arbitrary<SchemaWithValue>[] = [
  fc.constant({ schema: 'null', value: fc.constant(null) }),
  fc.constant({ schema: 'boolean', value: fc.boolean() }),
  fc.constant({ schema: 'int', value: fc.integer() }),
  fc.constant({ schema: 'long', value: int64 }),
  fc.constant({ schema: { type: 'long', 'millrace.type': 'number' }, value: fc.maxSafeInteger() }),
  fc.constant({ schema: { type: 'long', logicalType: 'timestamp-millis' }, value: instant }),
  fc.constant({ schema: { type: 'long', logicalType: 'timestamp-micros' }, value: instant }),
  fc.constant({
    schema: { type: 'int', logicalType: 'date' },
    value: fc.integer({ min: -100_000, max: 100_000 }).map((days) => new Date(days * 86_400_000)),
  }),
  fc.constant({ schema: 'float', value: float }),
  fc.constant({ schema: 'double', value: number }),
  fc.constant({ schema: 'string', value: fc.string({ unit: 'binary' }) }),
  fc.constant({ schema: { type: 'string', logicalType: 'uuid' }, value: fc.uuid() }),
  fc.constant({ schema: 'bytes', value: fc.uint8Array() }),
  fc.constant({
    schema: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 },
    value: fc
      .integer()
      .map(
        (cents) =>
          `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`,
      ),
  }),
  fc.nat({ max: 8 }).map((size) => ({
    schema: { type: 'fixed', name: nextName(), size },
    value: fc.uint8Array({ minLength: size, maxLength: size }),
  })),
  fc.constant(['RED', 'GREEN', 'BLUE']).map((symbols) => ({
    schema: { type: 'enum', name: nextName(), symbols },
    value: fc.constantFrom(...symbols),
  })),
]

/** A record with up to six fields of any type, nested up to three deep, unions of null and of several records among them. */
export const randomRecord: fc.Arbitrary<SchemaWithValue> = fc.letrec<{
  type: SchemaWithValue
  record: SchemaWithValue
}>((tie) => ({
  record: fc.array(tie('type'), { maxLength: 6 }).map((types) => {
    const fields = types.map(({ schema }, index) => ({ name: `f${index}`, type: schema }))
    const values = Object.fromEntries(types.map(({ value }, index) => [`f${index}`, value]))
    return { schema: { type: 'record', name: nextName(), fields }, value: fc.record(values, { noNullPrototype: true }) }
  }),
  type: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'schema' },
    fc.oneof(...leaves),
    tie('record'),
    tie('type').map(({ schema, value }) => ({
      schema: { type: 'array', items: schema },
      value: fc.array(value, { maxLength: 4 }),
    })),
    tie('type').map(({ schema, value }) => ({
      schema: { type: 'map', values: schema },
      value: fc.dictionary(fc.string(), value, { maxKeys: 4, noNullPrototype: true }),
    })),
    tie('record').map(({ schema, value }) => ({ schema: ['null', schema], value: fc.option(value) })),
    fc.tuple(tie('record'), tie('record')).map(([one, other]) => ({
      schema: [one.schema, 'null', other.schema],
      value: fc.oneof(
        fc.constant(null),
        one.value.map((value) => ({ [(one.schema as { name: string }).name]: value })),
        other.value.map((value) => ({ [(other.schema as { name: string }).name]: value })),
      ),
    })),
  ),
})).record
