// Finds a project's definitions by path: every file of the stage folders whose default export is a definition. A file without
// a default export is a module of its neighbours and is left alone. Reading and importing are arguments, so that a test needs
// no folder; all problems of all files are reported together.
import { messageOf } from '../errors/message-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { Definition, Definitions } from './definitions.ts'

/** The folders of a project and the kind of definition that each may hold. */
const definitionFolders = {
  'schemas/topics': 'topic',
  producers: 'producer',
  'consumers/projections': 'projection',
  'consumers/processors': 'processor',
  'consumers/workers': 'worker',
  queries: 'query',
} as const satisfies Record<string, Definition['kind']>

export interface DefinitionSource {
  /** Paths of the .ts and .js files below a folder, relative to the project; none where the folder is missing. */
  readonly list: (folder: string) => Promise<readonly string[]>
  /** Imports a module by its path relative to the project. */
  readonly load: (path: string) => Promise<Readonly<Record<string, unknown>>>
}

function isTestOrDeclaration(path: string): boolean {
  return /\.(test|d)\.[cm]?[tj]s$/.test(path) || path.includes('/generated/')
}

function definitionIn(path: string, kind: string, exported: unknown, problems: string[]): Definition | null {
  const found = (exported as { kind?: unknown } | null)?.kind
  if (found === kind) {
    const definition = exported as Definition
    const fileName = path.slice(path.lastIndexOf('/') + 1).replace(/\.[cm]?[tj]s$/, '')
    if (definition.kind !== 'topic' && definition.name !== fileName)
      problems.push(`${path}: it defines '${definition.name}'; a definition has the name of its file, '${fileName}'`)
    return definition
  }
  problems.push(
    typeof found === 'string'
      ? `${path}: it defines a ${found}, but its folder holds definitions of kind ${kind}`
      : `${path}: its default export is no ${kind}; export default define…(), or no default at all for a plain module`,
  )
  return null
}

/**
 * Loads every definition of a project.
 * @throws MillraceError `MILLRACE_DEFINITIONS_INVALID` naming every file that does not load or does not hold what its folder is for
 */
export async function loadDefinitions(source: DefinitionSource): Promise<Definitions> {
  const problems: string[] = []
  const found: Definition[] = []
  for (const [folder, kind] of Object.entries(definitionFolders)) {
    const paths = (await source.list(folder)).filter((path) => !isTestOrDeclaration(path)).sort()
    for (const path of paths) {
      let module: Readonly<Record<string, unknown>>
      try {
        module = await source.load(path)
      } catch (error) {
        problems.push(`${path}: it does not load: ${messageOf(error)}`)
        continue
      }
      if (!('default' in module)) continue
      const definition = definitionIn(path, kind, module['default'], problems)
      if (definition !== null) found.push(definition)
    }
  }
  if (problems.length > 0) {
    throw new MillraceError(
      'MILLRACE_DEFINITIONS_INVALID',
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the definitions:\n- ${problems.join('\n- ')}`,
    )
  }
  return sortByKind(found)
}

function sortByKind(found: readonly Definition[]): Definitions {
  const ofKind = <K extends Definition['kind']>(kind: K): Extract<Definition, { kind: K }>[] =>
    found.filter((definition): definition is Extract<Definition, { kind: K }> => definition.kind === kind)
  return {
    topics: ofKind<'topic'>('topic'),
    producers: ofKind('producer'),
    projections: ofKind('projection'),
    processors: ofKind('processor'),
    workers: ofKind('worker'),
    queries: ofKind('query'),
  }
}
