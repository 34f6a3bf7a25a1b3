// The registry's state: what the journal says, in memory, by subject and by id. Every change is an entry that is written
// first and applied then, so what was answered is on the disk. Knows no rules: the registry decides what may be written.
import type { CompatibilityLevel } from '../compatibility/compatibility-levels.ts'
import type { JournalEntry, Mode, SchemaReference, SchemaVersion } from './journal-entry.ts'
import type { Journal } from './open-journal.ts'

/** What an id stands for. */
export interface SchemaContent {
  readonly schema: string
  readonly references: readonly SchemaReference[]
}

export class SchemaStore {
  readonly #journal: Journal | undefined
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>()
  readonly #ids = new Map<number, SchemaContent>()
  readonly #idByContent = new Map<string, number>()
  readonly #levels = new Map<string | null, CompatibilityLevel>()
  readonly #modes = new Map<string | null, Mode>()
  #lastId = 0

  /** @param journal absent: nothing outlives the process */
  constructor(journal?: Journal) {
    this.#journal = journal
    for (const entry of journal?.entries ?? []) this.#apply(entry)
  }

  /** Writes all entries, then applies them. */
  write(...entries: readonly JournalEntry[]): void {
    this.#journal?.append(entries)
    for (const entry of entries) this.#apply(entry)
  }

  /** Every subject with a version that is not deleted; with `deleted`, those too that have only deleted ones. */
  subjects(deleted: boolean): readonly string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, deleted).length > 0).sort()
  }

  /** The versions of a subject, oldest first. */
  versions(subject: string, deleted: boolean): readonly SchemaVersion[] {
    const versions = [...(this.#subjects.get(subject)?.values() ?? [])]
    return versions.filter((each) => deleted || !each.deleted).sort((a, b) => a.version - b.version)
  }

  content(id: number): SchemaContent | undefined {
    return this.#ids.get(id)
  }

  /** The id of this text with these references, in whatever subject. */
  idOf(content: SchemaContent): number | undefined {
    return this.#idByContent.get(contentKey(content))
  }

  /** Ids only grow: one that was deleted for good is not given to another schema. */
  nextId(): number {
    return this.#lastId + 1
  }

  /** Every version that has this id. */
  usages(id: number, deleted: boolean): readonly SchemaVersion[] {
    return this.#all(deleted).filter((each) => each.id === id)
  }

  /** Every version that refers to this one. */
  referrers(subject: string, version: number, deleted: boolean): readonly SchemaVersion[] {
    return this.#all(deleted).filter((each) =>
      each.references?.some((reference) => reference.subject === subject && reference.version === version),
    )
  }

  /** The level set for a subject, or for all of them (null). */
  level(subject: string | null): CompatibilityLevel | undefined {
    return this.#levels.get(subject)
  }

  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject)
  }

  close(): void {
    this.#journal?.close()
  }

  #all(deleted: boolean): readonly SchemaVersion[] {
    return [...this.#subjects.keys()].sort().flatMap((subject) => this.versions(subject, deleted))
  }

  #apply({ key, value }: JournalEntry): void {
    switch (key.keytype) {
      case 'SCHEMA':
        if (value === null) this.#remove(key.subject, key.version)
        else this.#put(value as SchemaVersion)
        break
      case 'DELETE_SUBJECT': {
        const upTo = (value as { version: number } | null)?.version ?? 0
        for (const each of this.versions(key.subject, false)) {
          if (each.version <= upTo) this.#put({ ...each, deleted: true })
        }
        break
      }
      case 'CONFIG':
        if (value === null) this.#levels.delete(key.subject)
        else {
          const { compatibilityLevel } = value as { compatibilityLevel: string }
          this.#levels.set(key.subject, compatibilityLevel as CompatibilityLevel)
        }
        break
      case 'MODE':
        if (value === null) this.#modes.delete(key.subject)
        else this.#modes.set(key.subject, (value as { mode: Mode }).mode)
        break
      case 'NOOP':
        break
    }
  }

  #put(stored: SchemaVersion): void {
    const versions = this.#subjects.get(stored.subject) ?? new Map<number, SchemaVersion>()
    versions.set(stored.version, stored)
    this.#subjects.set(stored.subject, versions)
    const content = { schema: stored.schema, references: stored.references ?? [] }
    this.#ids.set(stored.id, content)
    this.#idByContent.set(contentKey(content), stored.id)
    this.#lastId = Math.max(this.#lastId, stored.id)
  }

  #remove(subject: string, version: number): void {
    const versions = this.#subjects.get(subject)
    const removed = versions?.get(version)
    if (versions === undefined || removed === undefined) return
    versions.delete(version)
    if (versions.size === 0) this.#subjects.delete(subject)
    if (this.usages(removed.id, true).length > 0) return
    this.#ids.delete(removed.id)
    this.#idByContent.delete(contentKey({ schema: removed.schema, references: removed.references ?? [] }))
  }
}

function contentKey({ schema, references }: SchemaContent): string {
  return JSON.stringify([schema, references.map(({ name, subject, version }) => [name, subject, version])])
}
