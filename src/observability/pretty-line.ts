// Turns a JSON log line into one line for people: time, level, message, then the details as name=value.

const colours: Readonly<Record<string, string>> = { debug: '36', info: '32', warn: '33', error: '31', fatal: '31' }
const shownApart = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'app', 'role', 'err'])

function inShort(value: unknown): string {
  const text = typeof value === 'string' && !/[\s="]/.test(value) ? value : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** One line for a terminal, with its line break. A line that is no JSON stays as it is. */
export function prettyLine(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const level = String(entry['level'])
  const time = String(entry['time']).slice(11, 23)
  const role = typeof entry['role'] === 'string' ? ` ${entry['role']}` : ''
  const details = Object.entries(entry)
    .filter(([name]) => !shownApart.has(name))
    .map(([name, value]) => ` \u001B[2m${name}=\u001B[22m${inShort(value)}`)
    .join('')
  const error = entry['err'] as { stack?: string; message?: string } | undefined
  const trace = error === undefined ? '' : `\n  ${(error.stack ?? error.message ?? '').replaceAll('\n', '\n  ')}`
  return `\u001B[2m${time}\u001B[22m \u001B[${colours[level] ?? '0'}m${level.padEnd(5)}\u001B[39m${role} ${String(entry['msg'])}${details}${trace}\n`
}
