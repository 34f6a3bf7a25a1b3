// Reads the contract: every .avsc of a folder, one record per file. Types may be used across files by name; what comes out is
// self-contained. All problems of all files are reported together, with file and line.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AvroSchema } from '../definition/event-type.ts'
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import { collectDefinitions } from './collect-definitions.ts'
import type { Definitions } from './collect-definitions.ts'
import { inlineSchema } from './inline-schema.ts'
import { findDefaultProblems } from './find-default-problems.ts'
import { parseSchema } from './parse-schema.ts'
import type { RecordNode } from './schema-node.ts'

/** A record of the contract. */
export interface LoadedSchema {
  /** The file's path. */
  readonly file: string
  /** The file's text. */
  readonly text: string
  /** With the namespace. */
  readonly fullName: string
  /** Without it: the name of the event. */
  readonly eventName: string
  /** Self-contained. */
  readonly schema: AvroSchema
  readonly node: RecordNode
}

interface SchemaProblem {
  readonly file: string
  readonly line: number | null
  readonly problem: string
}

interface ParsedFile {
  readonly file: string
  readonly text: string
  readonly json: AvroSchema
}

/**
 * Loads the records of a folder, in the order of their file names. Folders inside it are not read.
 * @throws MillraceError MILLRACE_SCHEMA_INVALID with `context.problems`: file, line and what to do
 */
export async function loadSchemas(directory: string): Promise<readonly LoadedSchema[]> {
  const files = (await listSchemaFiles(directory)).map((name) => join(directory, name))
  const problems: SchemaProblem[] = []
  const parsed: ParsedFile[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    const result = parseFile(file, text)
    if ('problem' in result) problems.push(result)
    else parsed.push(result)
  }
  problems.push(...findDuplicates(parsed))
  const isBroken = problems.length > 0
  const loaded = parsed.flatMap((file) => {
    const result = loadFile(file, parsed)
    if (!Array.isArray(result)) return [result]
    // A name that is missing may only be in a file that could not be read: its own problem is told already.
    if (!isBroken) problems.push(...result)
    return []
  })
  if (problems.length === 0) return loaded
  const list = problems.map(({ file, line, problem }) => `  ${file}${line === null ? '' : `:${line}`}: ${problem}`)
  throw new MillraceError('MILLRACE_SCHEMA_INVALID', `The schemas in ${directory} have problems:\n${list.join('\n')}`, {
    context: { problems },
  })
}

async function listSchemaFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.avsc')).sort()
  } catch (cause) {
    throw new MillraceError(
      'MILLRACE_SCHEMA_INVALID',
      `The folder ${directory} cannot be read. Put one .avsc file per event there, or name the folder that has them.`,
      { cause },
    )
  }
}

function parseFile(file: string, text: string): ParsedFile | SchemaProblem {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const reason = messageOf(error)
    const position = /at position (\d+)/.exec(reason)?.[1]
    const line = position === undefined ? null : lineAt(text, Number(position))
    return { file, line, problem: `this is not JSON: ${reason}` }
  }
  if (typeof json === 'object' && json !== null && 'type' in json && json.type === 'record') {
    return { file, text, json: json as AvroSchema }
  }
  return { file, line: 1, problem: 'the file must hold one record: { "type": "record", "name": …, "fields": [ … ] }' }
}

function findDuplicates(files: readonly ParsedFile[]): SchemaProblem[] {
  const owners = new Map<string, string>()
  const problems: SchemaProblem[] = []
  for (const { file, text, json } of files) {
    const definitions: Definitions = new Map()
    collectDefinitions(json, '', definitions)
    for (const fullName of definitions.keys()) {
      const owner = owners.get(fullName)
      if (owner === undefined) owners.set(fullName, file)
      else {
        const problem = `${fullName} is defined in ${owner} too; keep one definition and use its name in the other place`
        problems.push({ file, line: lineOf(text, shortName(fullName)), problem })
      }
    }
  }
  return problems
}

function loadFile(parsed: ParsedFile, all: readonly ParsedFile[]): LoadedSchema | SchemaProblem[] {
  const { file, text, json } = parsed
  const problems: SchemaProblem[] = []
  const others = all.filter((other) => other !== parsed).map((other) => other.json)
  const schema = inlineSchema(json, others, (name) => {
    const problem = `"${name}" is defined nowhere; give it a file of its own, or correct the name`
    problems.push({ file, line: lineOf(text, name), problem })
  })
  if (problems.length > 0) return problems
  try {
    const node = parseSchema(schema) as RecordNode
    const wrong = findDefaultProblems(node).map(({ name, problem }) => ({ file, line: lineOf(text, name), problem }))
    if (wrong.length > 0) return wrong
    return { file, text, fullName: node.fullName, eventName: node.name, schema, node }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    const field = error.context.field?.split(/[.[{]/)[0] ?? ''
    return [{ file, line: field === '' ? null : lineOf(text, field), problem: error.message }]
  }
}

/** The line where a name first stands in quotes. */
function lineOf(text: string, name: string): number | null {
  const position = text.indexOf(`"${name}"`)
  return position < 0 ? null : lineAt(text, position)
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}
