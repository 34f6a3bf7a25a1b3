// A finding against consumers of before has its path in their schema. This finds the same place in the present one: fields by
// name, branches by type. Where the place is gone the path ends at what is left around it.
import type { AvroSchema } from '../../../embedded/registry/compatibility/avro-schema.ts'

/** The path in `to` of what lies at `path` in `from`; '/' when nothing of it is left. */
export function translatePath(path: string, from: AvroSchema, to: AvroSchema): string {
  const segments = path.split('/').slice(1)
  let translated = ''
  let there = from
  let here = to
  for (let index = 0; index < segments.length; index += 1) {
    if (here.type === 'union' && there.type !== 'union') {
      const branch = here.branches.findIndex((each) => each.type === there.type)
      if (branch === -1) break
      translated += `/${branch}`
      here = here.branches[branch] ?? here
    }
    const segment = segments[index]
    if (segment === 'fields' && there.type === 'record' && here.type === 'record') {
      const field = there.fields[Number(segments[index + 1])]
      const position = here.fields.findIndex(
        ({ name, aliases }) => field !== undefined && [name, ...aliases].includes(field.name),
      )
      const found = here.fields[position]
      if (field === undefined || found === undefined) break
      translated += `/fields/${position}`
      if (segments[index + 2] !== 'type') break
      translated += '/type'
      there = field.schema
      here = found.schema
      index += 2
    } else if (segment === 'items' && there.type === 'array' && here.type === 'array') {
      translated += '/items'
      there = there.items
      here = here.items
    } else if (segment === 'values' && there.type === 'map' && here.type === 'map') {
      translated += '/values'
      there = there.values
      here = here.values
    } else {
      // The last part of a path (name, size, symbols) is the same on both sides; the number of a branch is not.
      if (there.type === here.type && there.type !== 'union' && segment !== '') translated += `/${segment}`
      break
    }
  }
  return translated === '' ? '/' : translated
}
