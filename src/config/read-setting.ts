// Reads one value of a setting, from text or from millrace.config.ts, and says what is wrong with it.
import type { SettingShape } from './setting-table.ts'

/** A value that fits, or what was expected instead. */
export type ReadSetting = { readonly value: unknown } | { readonly expected: string }

const yes = new Set(['true', '1', 'yes', 'on'])
const no = new Set(['false', '0', 'no', 'off'])

/** Reads the text of an environment variable. Spaces around it do not count. */
export function readSettingText(shape: SettingShape, text: string): ReadSetting {
  const trimmed = text.trim()
  if (shape.kind === 'integer') return readSetting(shape, /^-?\d+$/.test(trimmed) ? Number(trimmed) : trimmed)
  if (shape.kind === 'boolean') {
    const word = trimmed.toLowerCase()
    return yes.has(word) ? { value: true } : no.has(word) ? { value: false } : { expected: 'true or false' }
  }
  if (shape.kind === 'list') {
    return readSetting(
      shape,
      trimmed.split(',').map((item) => item.trim()),
    )
  }
  return readSetting(shape, shape.kind === 'choice' ? trimmed.toLowerCase() : trimmed)
}

/** Reads a value as millrace.config.ts gives it. */
export function readSetting(shape: SettingShape, value: unknown): ReadSetting {
  switch (shape.kind) {
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && value >= shape.min && value <= shape.max
        ? { value }
        : { expected: `a whole number from ${shape.min} to ${shape.max}` }
    case 'boolean':
      return typeof value === 'boolean' ? { value } : { expected: 'true or false' }
    case 'choice':
      return typeof value === 'string' && shape.of.includes(value) ? { value } : { expected: shape.of.join(', ') }
    case 'list':
      return Array.isArray(value) && value.length > 0 && value.every((item) => fits(shape.pattern, item))
        ? { value: Object.freeze([...(value as unknown[])]) }
        : { expected: `one or more of the form ${shape.expected}, separated by commas` }
    case 'url':
      return isUrl(value, shape.protocols)
        ? { value }
        : { expected: `a URL that begins with ${shape.protocols.map((protocol) => `${protocol}//`).join(' or ')}` }
    default:
      return shape.pattern === undefined
        ? typeof value === 'string'
          ? { value }
          : { expected: 'text' }
        : fits(shape.pattern, value)
          ? { value }
          : { expected: shape.expected ?? `text that matches ${shape.pattern.source}` }
  }
}

function fits(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function isUrl(value: unknown, protocols: readonly string[]): boolean {
  if (typeof value !== 'string') return false
  const url = URL.canParse(value) ? new URL(value) : null
  return url !== null && protocols.includes(url.protocol) && url.hostname !== ''
}
