// One table of a projection, or of a processor's state: which rows an event touches and how each row changes.
import type { EventNamed, EventNameOf, EventsOf, TombstonesOf } from './define-topic.ts'
import type { Tombstone } from './event-type.ts'

declare global {
  /** The models of prisma/schema.prisma; the millrace-models generator adds each with its row, key and initial row. */
  interface MillraceModels {}
  /** The generated Prisma client of the project; the millrace-models generator adds `client`. */
  interface MillracePrisma {}
}

/** The name of a model in prisma/schema.prisma. */
export type ModelName = keyof MillraceModels & string

/** A whole row of a model: every scalar field, null where the column may be null. */
export type RowOf<M extends ModelName> = MillraceModels[M] extends { row: infer Row } ? Readonly<Row> : never

/** A model's key: the value of its single @id field, or an object of its @@id fields. */
export type KeyOf<M extends ModelName> = MillraceModels[M] extends { key: infer Key } ? Key : never

/** The fields of a row before its first event; the key is added by the engine, nullable fields default to null. */
export type InitialOf<M extends ModelName> = MillraceModels[M] extends { initial: infer Initial } ? Initial : never

/** What a table's `key` is asked about: the events that are not ignored, and tombstones where a topic is compacted. */
export type KeyedEvent<Topics, Ignored extends string> =
  | Exclude<EventsOf<Topics>, { type: Ignored }>
  | TombstonesOf<Topics>

/** One table. `key` and `evolve` are pure: the same events give the same rows, at any time and any number of times. */
export interface Table<M extends ModelName, Topics, Ignored extends string> {
  /**
   * Which row an event belongs to: its key, several keys, or null for none. It is asked about the tombstones of compacted
   * topics too: their `data` is null, their `key` is the record's.
   */
  readonly key: (event: KeyedEvent<Topics, Ignored>) => KeyOf<M> | readonly KeyOf<M>[] | null
  /** The row before its first event, without its key. Any event may come first: there is no order between partitions. */
  readonly initial: InitialOf<M>
  /**
   * One function per event name: takes the row and the event, returns the row, or null to delete it. The same row object
   * returned means nothing is written. `Tombstone` may be given for compacted topics; without it a tombstone deletes the row.
   */
  readonly evolve: {
    readonly [Name in Exclude<EventNameOf<Topics>, Ignored>]: (
      row: RowOf<M>,
      event: EventNamed<Topics, Name>,
    ) => RowOf<M> | null
  } & { readonly Tombstone?: (row: RowOf<M>, event: Tombstone) => RowOf<M> | null }
}

/** The tables of a projection by model name. */
export type Tables<Topics, Ignored extends string> = { readonly [M in ModelName]?: Table<M, Topics, Ignored> }

/** The fields a fold returned that its model does not have. */
type UnknownField<M extends ModelName, Returned> = Exclude<
  Returned extends object ? keyof Returned : never,
  keyof RowOf<M>
> &
  string

/**
 * Nothing for tables whose folds are of `Names` and return only fields of their model. TypeScript lets an object have more
 * folds, and a function return more, than it was asked for, so this turns both into errors which name the event or the field.
 */
export type OnlyKnown<T, Names extends string> = {
  readonly [M in keyof T]: M extends ModelName
    ? T[M] extends { readonly evolve: infer Evolve }
      ? { readonly evolve: { readonly [Name in keyof Evolve]: KnownFold<M, Name, Evolve[Name], Names | 'Tombstone'> } }
      : unknown
    : unknown
}

type KnownFold<M extends ModelName, Name, Fold, Names> = Name extends Names
  ? Fold extends (row: never, event: never) => infer Returned
    ? [UnknownField<M, Returned>] extends [never]
      ? unknown
      : `${M} has no field '${UnknownField<M, Returned>}'`
    : unknown
  : `'${Name & string}' is no event of its topics, or is one that it ignores`

/** A table as the engine sees it, without its types. */
export interface AnyTable {
  readonly key: (event: never) => unknown
  readonly initial: Readonly<Record<string, unknown>>
  readonly evolve: Readonly<Record<string, ((row: never, event: never) => unknown) | undefined>>
}
