// Finds the line of a JSON pointer in a JSON text. Paths of findings go through names to definitions that may lie elsewhere,
// so a pointer that leads nowhere gives the line of its longest part that does.

/** The line, from 1. Text that is no JSON gives line 1, or the last line that could be read. */
export function lineOfPointer(text: string, pointer: string): number {
  const lines = linesByPointer(text)
  for (let part = pointer; part.length > 1; part = part.slice(0, part.lastIndexOf('/'))) {
    const line = lines.get(part)
    if (line !== undefined) return line
  }
  return lines.get('') ?? 1
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

interface Container {
  readonly pointer: string
  readonly isObject: boolean
  index: number
  key: string | undefined
}

// A member's line is that of its key, an item's that of its first character.
function linesByPointer(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  const open: Container[] = []
  let line = 1
  let read = 0
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    for (let at = text.indexOf('\n', read); at !== -1 && at < match.index; at = text.indexOf('\n', at + 1)) line += 1
    read = match.index
    const parent = open.at(-1)
    if (token === '}' || token === ']') open.pop()
    else if (token === ',') next(parent)
    else if (token !== ':') {
      if (parent?.isObject && parent.key === undefined) {
        parent.key = unquoted(token)
        lines.set(pointerOf(parent), line)
        continue
      }
      const pointer = parent === undefined ? '' : pointerOf(parent)
      if (!lines.has(pointer)) lines.set(pointer, line)
      if (token === '{' || token === '[') open.push({ pointer, isObject: token === '{', index: 0, key: undefined })
    }
  }
  return lines
}

function next(container: Container | undefined): void {
  if (container === undefined) return
  container.index += 1
  container.key = undefined
}

function pointerOf({ pointer, isObject, index, key }: Container): string {
  return `${pointer}/${isObject ? (key ?? '') : index}`
}

function unquoted(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}
