// Names that a rebuild uses: schemas of Postgres, and consumers of the engine's tables.

/** The schemas beside the user's own. */
export const replaySchemas = {
  /** Shadow tables of running rebuilds. */
  next: 'millrace_next',
  /** What the last swap put aside. */
  previous: 'millrace_previous',
  /** Only inside the transaction of a rollback, where two tables of one name change places. */
  moving: 'millrace_moving',
} as const

/** The consumer of a live version. */
export function liveConsumer(projection: string, version: number): string {
  return `${projection}.v${version}`
}

/** The consumer of a rebuild to a version: it ends in no version, so it is nobody's live consumer. */
export function shadowConsumer(projection: string, version: number): string {
  return `${projection}.v${version}.next`
}

/** The consumer of the version that the last swap put aside. */
export function previousConsumer(projection: string, version: number): string {
  return `${projection}.v${version}.previous`
}
