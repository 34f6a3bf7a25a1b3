// The engine is generic: no word of a domain stands under src/ or embedded/. The words are the record names, the topic names
// and the compound field names of every domain in this repository, read from their schemas and topics.
// Prints each place it finds; exit code 1 if there is one. `--root <dir>` checks another tree with this tree's words.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Field names that are words of the engine too: the envelope's and the engine's own vocabulary (docs/vocabulary.md). */
const engineWords = new Set([
  'startedAt',
  'finishedAt',
  'failedAt',
  'parkedAt',
  'expiresAt',
  'receivedAt',
  'createdAt',
  'timeZone',
  'replyTo',
  // An HTTP request has an id of its own.
  'requestId',
])

/** @param {string} folder @param {RegExp} pattern @returns {string[]} */
function filesBelow(folder, pattern) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path))
}

/** @param {unknown} schema @param {Set<string>} words */
function wordsOfSchema(schema, words) {
  if (Array.isArray(schema)) for (const branch of schema) wordsOfSchema(branch, words)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return
  const record = /** @type {Record<string, unknown>} */ (schema)
  if (record['type'] === 'record' && typeof record['name'] === 'string') words.add(record['name'])
  const fields = /** @type {{ name: string, type: unknown }[]} */ (record['fields'] ?? [])
  for (const field of fields) {
    if (/[a-z][A-Z]/.test(field.name) && !engineWords.has(field.name)) words.add(field.name)
    wordsOfSchema(field.type, words)
  }
  for (const part of ['type', 'items', 'values']) wordsOfSchema(record[part], words)
}

/** @returns {Set<string>} */
function domainWords() {
  /** @type {Set<string>} */
  const words = new Set()
  const roots = [
    'schemas',
    ...(existsSync('examples') ? readdirSync('examples').map((name) => `examples/${name}/schemas`) : []),
  ]
  for (const root of roots) {
    for (const file of filesBelow(root, /\.avsc$/)) wordsOfSchema(JSON.parse(readFileSync(file, 'utf8')), words)
    for (const file of filesBelow(join(root, 'topics'), /\.ts$/))
      for (const match of readFileSync(file, 'utf8').matchAll(/name: '([a-z]+\.[a-z.]+)'/g))
        if (match[1]) words.add(match[1])
  }
  return words
}

const rootFlag = process.argv.indexOf('--root')
const root = rootFlag > 0 ? (process.argv[rootFlag + 1] ?? '.') : '.'
const words = [...domainWords()].sort((a, b) => b.length - a.length)
if (words.length < 20) {
  process.stderr.write(`domain words: only ${words.length} words found in the schemas; the check would see nothing\n`)
  process.exit(1)
}
const pattern = new RegExp(
  `(?<![A-Za-z0-9_])(${words.map((word) => word.replaceAll('.', '\\.')).join('|')})(?![A-Za-z0-9_])`,
)
let found = 0
for (const folder of ['src', 'embedded']) {
  for (const file of filesBelow(join(root, folder), /\.(ts|js)$/)) {
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      const match = pattern.exec(line)
      if (match === null) continue
      found += 1
      process.stderr.write(`${file}:${index + 1}: '${match[1]}' is a word of a domain; the engine knows none\n`)
    }
  }
}
process.stdout.write(`domain words: ${words.length} words looked for, ${found} found\n`)
process.exit(found === 0 ? 0 : 1)
