// Takes secrets out of what is logged: values under telling names at any depth, and passwords inside URLs and messages.
// It works on a copy, and what is not plain data becomes text.

const tellingName =
  /pass(word|phrase|wd)?$|secret|token$|^authorization$|^cookie$|^set-cookie$|api-?key$|credential|private-?key|databaseurl|connectionstring/i
const credentialsInUrl = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]+/gi
const passwordInText = /\b(password|passwd|pwd|secret|token)(["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi
const deepest = 8

/** Takes credentials out of a text. */
function redactText(text: string): string {
  return text
    .replace(credentialsInUrl, '$1[redacted]@')
    .replace(bearer, '$1 [redacted]')
    .replace(passwordInText, '$1$2[redacted]')
}

/** A copy of a log line's details that holds no secrets. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '[deeper]'
  if (value instanceof Date) return value
  if (value instanceof Error) return redactError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value))
    copy[name] = tellingName.test(name) && item !== null && item !== undefined ? '[redacted]' : redact(item, depth + 1)
  return copy
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(redact(Object.fromEntries(Object.entries(error)), depth + 1) as object),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  }
}
