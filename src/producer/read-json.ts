// Parses JSON from outside. Refused besides bad syntax: nesting so deep that a reader would exhaust its stack, and the key
// __proto__, which would change what an object is instead of what it holds.
import { MillraceError } from '../errors/millrace-error.ts'

const deepest = 64

/**
 * Parses a request's JSON.
 * @throws MillraceError `MILLRACE_REQUEST_INVALID` saying what is wrong
 */
export function readJson(text: string): unknown {
  refuseDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(`The body is not JSON: ${(error as Error).message}.`)
  }
  // The key may hide behind an escape, so any escape is reason enough to look.
  if (text.includes('__proto__') || text.includes('\\u')) refusePrototypeKey(value, 'body')
  return value
}

/** Counts brackets outside of strings before anything recursive sees the text. */
function refuseDepth(text: string): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c) index++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) throw invalid(`The body is nested deeper than ${deepest} levels.`)
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}

function refusePrototypeKey(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw invalid(`The body has the key __proto__ in ${path}; name it differently.`)
    refusePrototypeKey(item, `${path}.${key}`)
  }
}

function invalid(message: string): MillraceError {
  return new MillraceError('MILLRACE_REQUEST_INVALID', message)
}
