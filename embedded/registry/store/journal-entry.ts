// What the registry's journal holds: one line of JSON an entry, in the layout of the `_schemas` topic that other registries
// keep, so that a journal can be moved to one of them record by record. Types only.

export interface SchemaReference {
  /** The full name under which the schema is used. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

export interface SchemaVersion {
  readonly subject: string
  readonly version: number
  readonly id: number
  /** Canonical text. */
  readonly schema: string
  readonly deleted: boolean
  readonly references?: readonly SchemaReference[]
}

export type Mode = 'READWRITE' | 'READONLY' | 'IMPORT'

/** A value of null takes back what stood under the same key. A subject of null means all subjects. */
export type JournalEntry =
  | {
      readonly key: {
        readonly keytype: 'SCHEMA'
        readonly subject: string
        readonly version: number
        readonly magic: 1
      }
      readonly value: SchemaVersion | null
    }
  | {
      readonly key: { readonly keytype: 'DELETE_SUBJECT'; readonly subject: string; readonly magic: 0 }
      /** Every version up to this one is deleted softly. */
      readonly value: { readonly subject: string; readonly version: number } | null
    }
  | {
      readonly key: { readonly keytype: 'CONFIG'; readonly subject: string | null; readonly magic: 0 }
      readonly value: { readonly subject: string | null; readonly compatibilityLevel: string } | null
    }
  | {
      readonly key: { readonly keytype: 'MODE'; readonly subject: string | null; readonly magic: 0 }
      readonly value: { readonly subject: string | null; readonly mode: Mode } | null
    }
  | { readonly key: { readonly keytype: 'NOOP'; readonly magic: 0 }; readonly value: null }
