// Decodes Avro by its specification, written for the verifier alone: plain recursion over the writer's schema, no options.
// Longs become numbers (none of the demo's is larger than a number holds), unions of one record become that record.

type Schema = string | readonly Schema[] | { readonly type: Schema; readonly [property: string]: unknown }

interface Field {
  readonly name: string
  readonly type: Schema
}

/** Decodes one value written with `schema`, which is a writer's schema in JSON. */
export function decodeAvro(schema: unknown, bytes: Uint8Array): unknown {
  const names = new Map<string, Schema>()
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0

  const long = (): number => {
    let factor = 1
    let value = 0
    for (;;) {
      const byte = view.readUInt8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 128
    }
  }
  const take = (length: number): Buffer => view.subarray(at, (at += length))

  const blocks = (item: () => void): void => {
    for (let count = long(); count !== 0; count = long()) {
      if (count < 0) long()
      for (let left = Math.abs(count); left > 0; left -= 1) item()
    }
  }

  const named = (name: string): unknown => {
    const known = names.get(name) ?? [...names].find(([fullName]) => fullName.endsWith(`.${name}`))?.[1]
    if (known === undefined) throw new Error(`Avro: unknown type ${name}`)
    return value(known)
  }

  const primitive = (name: string): unknown => {
    switch (name) {
      case 'null':
        return null
      case 'boolean':
        return view.readUInt8(at++) === 1
      case 'int':
      case 'long':
        return long()
      case 'float':
        return take(4).readFloatLE()
      case 'double':
        return take(8).readDoubleLE()
      case 'string':
        return take(long()).toString('utf8')
      case 'bytes':
        return Buffer.from(take(long()))
      default:
        return named(name)
    }
  }

  const value = (type: Schema): unknown => {
    if (typeof type === 'string') return primitive(type)
    if (!('type' in type)) return value(type[long()] as Schema)
    if (typeof type['name'] === 'string' && typeof type['namespace'] === 'string')
      names.set(`${type['namespace']}.${type['name']}`, type)
    else if (typeof type['name'] === 'string') names.set(type['name'], type)
    switch (type.type) {
      case 'record':
        return Object.fromEntries((type['fields'] as readonly Field[]).map((field) => [field.name, value(field.type)]))
      case 'enum':
        return (type['symbols'] as readonly string[])[long()]
      case 'array': {
        const items: unknown[] = []
        blocks(() => items.push(value(type['items'] as Schema)))
        return items
      }
      case 'map': {
        const entries: [string, unknown][] = []
        blocks(() => entries.push([take(long()).toString('utf8'), value(type['values'] as Schema)]))
        return Object.fromEntries(entries)
      }
      default:
        return value(type.type)
    }
  }
  return value(schema as Schema)
}
