// The REST contract as a table: method, path, what it answers. A path's parts in braces are parameters; the first row that
// matches answers. What a row returns is sent as JSON with status 200; errors are raised (registry-error.ts).
import { describeFinding } from '../describe-finding.ts'
import { RegistryError } from '../registry-error.ts'
import type { SchemaRegistry } from '../schema-registry.ts'
import type { JournalEntry, Mode, SchemaVersion } from '../store/journal-entry.ts'
import type { SchemaContent } from '../store/schema-store.ts'
import type { RegistryRequest } from './registry-request.ts'

type Answer = (registry: SchemaRegistry, request: RegistryRequest) => unknown

export interface RegistryRoute {
  readonly method: string
  readonly path: string
  readonly answer: Answer
}

/** Every route of the registry. */
export const REGISTRY_ROUTES: readonly RegistryRoute[] = [
  { method: 'GET', path: '/', answer: () => ({}) },
  { method: 'GET', path: '/subjects', answer: listSubjects },
  { method: 'POST', path: '/subjects/{subject}', answer: lookup },
  { method: 'DELETE', path: '/subjects/{subject}', answer: deleteSubject },
  { method: 'GET', path: '/subjects/{subject}/versions', answer: listVersions },
  { method: 'POST', path: '/subjects/{subject}/versions', answer: register },
  { method: 'GET', path: '/subjects/{subject}/versions/{version}', answer: (r, q) => published(version(r, q)) },
  {
    method: 'GET',
    path: '/subjects/{subject}/versions/{version}/schema',
    answer: (r, q) => JSON.parse(version(r, q).schema) as unknown,
  },
  { method: 'GET', path: '/subjects/{subject}/versions/{version}/referencedby', answer: referencedBy },
  { method: 'DELETE', path: '/subjects/{subject}/versions/{version}', answer: deleteVersion },
  { method: 'GET', path: '/schemas', answer: listSchemas },
  { method: 'GET', path: '/schemas/types', answer: () => ['AVRO'] },
  { method: 'GET', path: '/schemas/ids/{id}', answer: (r, q) => withReferences(content(r, q)) },
  { method: 'GET', path: '/schemas/ids/{id}/schema', answer: (r, q) => JSON.parse(content(r, q).schema) as unknown },
  {
    method: 'GET',
    path: '/schemas/ids/{id}/subjects',
    answer: (r, q) => [...new Set(usages(r, q).map(({ subject }) => subject))],
  },
  {
    method: 'GET',
    path: '/schemas/ids/{id}/versions',
    answer: (r, q) => usages(r, q).map(({ subject, version }) => ({ subject, version })),
  },
  { method: 'POST', path: '/compatibility/subjects/{subject}/versions', answer: check },
  { method: 'POST', path: '/compatibility/subjects/{subject}/versions/{version}', answer: checkVersion },
  {
    method: 'GET',
    path: '/config',
    answer: ({ store }) => ({ compatibilityLevel: store.level(null) ?? 'BACKWARD' }),
  },
  { method: 'PUT', path: '/config', answer: (r, q) => putLevel(r, q, null) },
  { method: 'DELETE', path: '/config', answer: (r) => deleteLevel(r, null) },
  { method: 'GET', path: '/config/{subject}', answer: subjectLevel },
  { method: 'PUT', path: '/config/{subject}', answer: (r, q) => putLevel(r, q, q.subject()) },
  { method: 'DELETE', path: '/config/{subject}', answer: (r, q) => deleteLevel(r, q.subject()) },
  { method: 'GET', path: '/mode', answer: ({ store }) => ({ mode: store.mode(null) ?? 'READWRITE' }) },
  { method: 'PUT', path: '/mode', answer: (r, q) => putMode(r, q, null) },
  { method: 'GET', path: '/mode/{subject}', answer: subjectMode },
  { method: 'PUT', path: '/mode/{subject}', answer: (r, q) => putMode(r, q, q.subject()) },
  { method: 'DELETE', path: '/mode/{subject}', answer: (r, q) => deleteMode(r, q.subject()) },
]

function listSubjects({ store }: SchemaRegistry, request: RegistryRequest): unknown {
  const deletedOnly = request.isOn('deletedOnly')
  const subjects = store.subjects(deletedOnly || request.isOn('deleted')).filter((subject) => {
    return (
      subject.startsWith(request.text('subjectPrefix')) && !(deletedOnly && store.versions(subject, false).length > 0)
    )
  })
  return request.page(subjects)
}

function listSchemas({ store }: SchemaRegistry, request: RegistryRequest): unknown {
  const deleted = request.isOn('deleted')
  const subjects = store.subjects(deleted).filter((subject) => subject.startsWith(request.text('subjectPrefix')))
  const latestOnly = request.isOn('latestOnly')
  return request.page(
    subjects.flatMap((subject) => store.versions(subject, deleted).slice(latestOnly ? -1 : 0)).map(published),
  )
}

function listVersions(registry: SchemaRegistry, request: RegistryRequest): unknown {
  return registry.versions(request.subject(), request.isOn('deleted')).map((each) => each.version)
}

function register(registry: SchemaRegistry, request: RegistryRequest): unknown {
  return { id: registry.register(request.subject(), request.registration(), request.isOn('normalize')).id }
}

function lookup(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const options = { normalize: request.isOn('normalize'), deleted: request.isOn('deleted') }
  return published(registry.lookup(request.subject(), request.registration(), options))
}

function version(registry: SchemaRegistry, request: RegistryRequest): SchemaVersion {
  return registry.version(request.subject(), request.version(), request.isOn('deleted'))
}

function referencedBy(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const found = version(registry, request)
  const ids = registry.store.referrers(found.subject, found.version, request.isOn('deleted')).map(({ id }) => id)
  return [...new Set(ids)].sort((a, b) => a - b)
}

function deleteSubject(registry: SchemaRegistry, request: RegistryRequest): unknown {
  return registry.deleteSubject(request.subject(), request.isOn('permanent'))
}

function deleteVersion(registry: SchemaRegistry, request: RegistryRequest): unknown {
  return registry.deleteVersion(request.subject(), request.version(), request.isOn('permanent'))
}

function content({ store }: SchemaRegistry, request: RegistryRequest): SchemaContent {
  const id = request.id()
  const found = store.content(id)
  if (found === undefined) throw new RegistryError(40403, `Schema ${id} not found`)
  return found
}

function usages(registry: SchemaRegistry, request: RegistryRequest): readonly SchemaVersion[] {
  content(registry, request)
  return registry.store.usages(request.id(), request.isOn('deleted'))
}

function check(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const subject = request.subject()
  return verdict(registry, request, registry.check(subject, request.registration()))
}

function checkVersion(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const subject = request.subject()
  return verdict(registry, request, registry.check(subject, request.registration(), request.version()))
}

function verdict(
  registry: SchemaRegistry,
  request: RegistryRequest,
  findings: ReturnType<SchemaRegistry['check']>,
): unknown {
  const isCompatible = findings.length === 0
  if (!request.isOn('verbose')) return { is_compatible: isCompatible }
  const subject = request.subject()
  const broken = new Set(findings.map((finding) => finding.version))
  const old = [...broken].flatMap((each) => [
    `{oldSchemaVersion: ${each}}`,
    `{oldSchema: '${registry.version(subject, each, true).schema}'}`,
  ])
  const level = isCompatible ? [] : [`{compatibility: '${registry.level(subject)}'}`]
  return { is_compatible: isCompatible, messages: [...findings.map(describeFinding), ...old, ...level] }
}

function subjectLevel(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const subject = request.subject()
  const own = registry.store.level(subject)
  if (own === undefined && !request.isOn('defaultToGlobal')) throw noLevel(subject)
  return { compatibilityLevel: registry.level(subject) }
}

function putLevel({ store }: SchemaRegistry, request: RegistryRequest, subject: string | null): unknown {
  const level = request.level()
  store.write(config(subject, { subject, compatibilityLevel: level }))
  return { compatibility: level }
}

function deleteLevel({ store }: SchemaRegistry, subject: string | null): unknown {
  const level = store.level(subject)
  if (level === undefined && subject !== null) throw noLevel(subject)
  store.write(config(subject, null))
  return { compatibilityLevel: level ?? 'BACKWARD' }
}

function config(
  subject: string | null,
  value: { subject: string | null; compatibilityLevel: string } | null,
): JournalEntry {
  return { key: { keytype: 'CONFIG', subject, magic: 0 }, value }
}

function noLevel(subject: string): RegistryError {
  return new RegistryError(40408, `Subject '${subject}' does not have subject-level compatibility configured`)
}

function subjectMode(registry: SchemaRegistry, request: RegistryRequest): unknown {
  const subject = request.subject()
  const own = registry.store.mode(subject)
  if (own === undefined && !request.isOn('defaultToGlobal')) throw noMode(subject)
  return { mode: registry.mode(subject) }
}

function putMode({ store }: SchemaRegistry, request: RegistryRequest, subject: string | null): unknown {
  const mode = request.mode()
  const held = subject === null ? store.subjects(false) : store.versions(subject, false)
  // Imported ids could meet ids that were given here, so an import begins with nothing.
  if (mode === 'IMPORT' && held.length > 0 && !request.isOn('force')) {
    throw new RegistryError(42205, 'Cannot import since found existing subjects')
  }
  store.write({ key: { keytype: 'MODE', subject, magic: 0 }, value: { subject, mode } })
  return { mode }
}

function deleteMode({ store }: SchemaRegistry, subject: string): unknown {
  const mode: Mode | undefined = store.mode(subject)
  if (mode === undefined) throw noMode(subject)
  store.write({ key: { keytype: 'MODE', subject, magic: 0 }, value: null })
  return { mode }
}

function noMode(subject: string): RegistryError {
  return new RegistryError(40409, `Subject '${subject}' does not have subject-level mode configured`)
}

function published({ subject, version, id, schema, references = [] }: SchemaVersion): unknown {
  return { subject, version, id, ...withReferences({ schema, references }) }
}

function withReferences({ schema, references }: SchemaContent): { schema: string; references?: unknown } {
  return { schema, ...(references.length > 0 && { references }) }
}
