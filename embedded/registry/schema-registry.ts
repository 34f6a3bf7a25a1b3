// The rules of the registry over its store: ids are global and grow; the same text with the same references has the same id in
// every subject; registering what a subject holds already answers the old version; versions only grow, deleted ones counted;
// versions deleted softly do not count for compatibility and still resolve by id; deleting for good needs a soft delete first.
// Every method is synchronous, so no two requests interleave.
import { checkCompatibility, type CompatibilityFinding } from './compatibility/check-compatibility.ts'
import type { CompatibilityLevel } from './compatibility/compatibility-levels.ts'
import { describeFinding } from './describe-finding.ts'
import { RegistryError } from './registry-error.ts'
import { type ResolvedSchema, SchemaResolver } from './schema-resolver.ts'
import type { Mode, SchemaVersion } from './store/journal-entry.ts'
import type { SchemaContent, SchemaStore } from './store/schema-store.ts'

export interface Registration extends SchemaContent {
  /** Set by an import: the id and version that the schema had elsewhere. */
  readonly id?: number
  readonly version?: number
}

/** `latest` or a number. */
export type VersionName = number | 'latest'

export class SchemaRegistry {
  readonly store: SchemaStore
  readonly #resolver: SchemaResolver

  constructor(store: SchemaStore) {
    this.store = store
    this.#resolver = new SchemaResolver(store)
  }

  /** The level that counts for a subject. */
  level(subject: string): CompatibilityLevel {
    return this.store.level(subject) ?? this.store.level(null) ?? 'BACKWARD'
  }

  mode(subject: string): Mode {
    return this.store.mode(subject) ?? this.store.mode(null) ?? 'READWRITE'
  }

  /** @throws RegistryError 40401 when the subject has none */
  versions(subject: string, deleted: boolean): readonly SchemaVersion[] {
    const versions = this.store.versions(subject, deleted)
    if (versions.length === 0) throw new RegistryError(40401, `Subject '${subject}' not found.`)
    return versions
  }

  /** @throws RegistryError 40401, 40402 */
  version(subject: string, name: VersionName, deleted: boolean): SchemaVersion {
    const versions = this.versions(subject, deleted)
    const found = name === 'latest' ? versions.at(-1) : versions.find((each) => each.version === name)
    if (found === undefined) throw new RegistryError(40402, `Version ${name} not found.`)
    return found
  }

  /** @throws RegistryError 409 when it is incompatible, 42201, 42205 in this mode, 42207 when id or version is taken */
  register(subject: string, registration: Registration, normalize: boolean): SchemaVersion {
    this.#refuseByMode(subject, registration)
    const resolved = this.#resolver.resolve(registration, { normalize, checkDefaults: true })
    const existing = this.#find(subject, resolved.content, false)
    const asked = registration.id === undefined || registration.id === existing?.id
    if (existing !== undefined && asked) return existing

    if (this.mode(subject) !== 'IMPORT') {
      const findings = this.#findings(subject, resolved, this.store.versions(subject, false))
      if (findings.length > 0) {
        const details = findings.map(describeFinding).join(', ')
        throw new RegistryError(
          409,
          `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details}]`,
        )
      }
    }
    const stored = this.#newVersion(subject, registration, resolved.content)
    this.store.write({ key: { keytype: 'SCHEMA', subject, version: stored.version, magic: 1 }, value: stored })
    return stored
  }

  /** @throws RegistryError 40401, 40403 when the subject does not hold this schema */
  lookup(subject: string, content: SchemaContent, options: { normalize: boolean; deleted: boolean }): SchemaVersion {
    this.versions(subject, options.deleted)
    const resolved = this.#resolver.resolve(content, { normalize: options.normalize, checkDefaults: false })
    const found = this.#find(subject, resolved.content, options.deleted)
    if (found === undefined) throw new RegistryError(40403, 'Schema not found')
    return found
  }

  /** What stands against a schema; with a version, only what that one says. A subject without versions accepts anything. */
  check(subject: string, content: SchemaContent, name?: VersionName): readonly CompatibilityFinding[] {
    const resolved = this.#resolver.resolve(content, { normalize: false, checkDefaults: true })
    if (name === undefined || name === 'latest') {
      const versions = this.store.versions(subject, false)
      return this.#findings(subject, resolved, name === 'latest' ? versions.slice(-1) : versions)
    }
    const found = this.store.versions(subject, false).find((each) => each.version === name)
    if (found === undefined) throw new RegistryError(40402, `Version ${name} not found.`)
    return this.#findings(subject, resolved, [found])
  }

  /** @returns the versions that are gone now */
  deleteSubject(subject: string, permanent: boolean): readonly number[] {
    this.#refuseReadOnly(subject)
    const all = this.versions(subject, true)
    const alive = all.filter((each) => !each.deleted)
    if (permanent) {
      if (alive.length > 0) {
        throw new RegistryError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`)
      }
      for (const each of all) this.#refuseReferenced(each, permanent)
      this.store.write(...all.map(tombstone))
      return all.map((each) => each.version)
    }
    const last = alive.at(-1)
    if (last === undefined) {
      throw new RegistryError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`)
    }
    for (const each of alive) this.#refuseReferenced(each, permanent)
    this.store.write(
      { key: { keytype: 'DELETE_SUBJECT', subject, magic: 0 }, value: { subject, version: last.version } },
      // A subject that comes back under the same name begins with the global settings.
      ...(this.store.level(subject) ? [{ key: { keytype: 'CONFIG', subject, magic: 0 } as const, value: null }] : []),
      ...(this.store.mode(subject) ? [{ key: { keytype: 'MODE', subject, magic: 0 } as const, value: null }] : []),
    )
    return alive.map((each) => each.version)
  }

  /** @returns the number of the version that is gone now */
  deleteVersion(subject: string, name: VersionName, permanent: boolean): number {
    this.#refuseReadOnly(subject)
    const found = this.version(subject, name, name !== 'latest' || permanent)
    const { version } = found
    if (permanent && !found.deleted) {
      throw new RegistryError(
        40407,
        `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
      )
    }
    if (!permanent && found.deleted) {
      throw new RegistryError(
        40406,
        `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
      )
    }
    this.#refuseReferenced(found, permanent)
    const key = { keytype: 'SCHEMA', subject, version, magic: 1 } as const
    this.store.write(permanent ? tombstone(found) : { key, value: { ...found, deleted: true } })
    return version
  }

  #find(subject: string, content: SchemaContent, deleted: boolean): SchemaVersion | undefined {
    const id = this.store.idOf(content)
    return id === undefined ? undefined : this.store.versions(subject, deleted).findLast((each) => each.id === id)
  }

  #findings(
    subject: string,
    { parsed }: ResolvedSchema,
    versions: readonly SchemaVersion[],
  ): readonly CompatibilityFinding[] {
    const level = this.level(subject)
    if (level === 'NONE') return []
    const earlier = versions.map((each) => ({ version: each.version, schema: this.#resolver.stored(each) }))
    return checkCompatibility(level, parsed, earlier)
  }

  #newVersion(subject: string, registration: Registration, content: SchemaContent): SchemaVersion {
    const all = this.store.versions(subject, true)
    const version = registration.version ?? (all.at(-1)?.version ?? 0) + 1
    const id = registration.id ?? this.store.idOf(content) ?? this.store.nextId()
    const owner = this.store.content(id)
    const isTaken = owner !== undefined && this.store.idOf(content) !== id
    if (isTaken) throw new RegistryError(42207, `Overwrite new schema with id ${id} is not permitted.`)
    if (all.some((each) => each.version === version)) {
      throw new RegistryError(42207, `Version ${version} of subject '${subject}' holds another schema.`)
    }
    const { schema, references } = content
    return { subject, version, id, schema, deleted: false, ...(references.length > 0 && { references }) }
  }

  #refuseByMode(subject: string, { id }: Registration): void {
    this.#refuseReadOnly(subject)
    const isImport = this.mode(subject) === 'IMPORT'
    if (id !== undefined && !isImport) throw new RegistryError(42205, `Subject ${subject} is not in import mode`)
    if (id === undefined && isImport) throw new RegistryError(42205, `Subject ${subject} is not in read-write mode`)
  }

  #refuseReadOnly(subject: string): void {
    if (this.mode(subject) === 'READONLY') throw new RegistryError(42205, `Subject ${subject} is in read-only mode`)
  }

  // What was deleted softly can still be asked for by id, so it keeps what it refers to from being deleted for good.
  #refuseReferenced({ subject, version }: SchemaVersion, permanent: boolean): void {
    const [referrer] = this.store.referrers(subject, version, permanent)
    if (referrer === undefined) return
    throw new RegistryError(
      42206,
      `One or more references exist to the schema {subject=${subject}, version=${version}}: ${referrer.subject} ${referrer.version}`,
    )
  }
}

function tombstone({ subject, version }: SchemaVersion): {
  key: { keytype: 'SCHEMA'; subject: string; version: number; magic: 1 }
  value: null
} {
  return { key: { keytype: 'SCHEMA', subject, version, magic: 1 }, value: null }
}
