// Finds a consumer by what people call it: the name of its definition, or `name.v2` for a version that is no longer defined.
import { consumersOf } from '../definition/consumers-of.ts'
import type { Definitions } from '../definition/definitions.ts'
import { usageError } from './usage-error.ts'

/** The consumer's id in the engine's tables, `<name>.v<version>`. @throws MillraceError `MILLRACE_COMMAND_USAGE` */
export function resolveConsumer(name: string | undefined, definitions: Definitions): string {
  const consumers = consumersOf(definitions)
  if (name !== undefined && /^[a-z0-9-]+\.v\d+$/.test(name)) return name
  const found = consumers.find((consumer) => consumer.name === name)
  if (found !== undefined) return `${found.name}.v${found.version}`
  const what = name === undefined ? 'name a consumer' : `there is no consumer '${name}'`
  throw usageError(`${what}; the project defines ${consumers.map((consumer) => consumer.name).join(', ') || 'none'}`)
}
