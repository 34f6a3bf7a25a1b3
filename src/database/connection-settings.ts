// What a database URL means to us and to Prisma alike: its `schema` parameter names where unqualified tables are. Without that,
// Postgres would look first into a schema named like the role, and a role named millrace is likely.

/** Settings of a pg client or pool. */
export interface ConnectionSettings {
  readonly connectionString: string
  /** Passed to the server when the connection begins. */
  readonly options: string
}

/** Parameters that Prisma reads from a URL and Postgres would refuse. */
const PRISMA_PARAMETERS = [
  'schema',
  'connection_limit',
  'pool_timeout',
  'pgbouncer',
  'socket_timeout',
  'statement_cache_size',
]

/** The schema that a database URL names (default: public). */
export function schemaOf(url: string): string {
  return new URL(url).searchParams.get('schema') ?? 'public'
}

export function connectionSettings(url: string): ConnectionSettings {
  const target = new URL(url)
  for (const name of PRISMA_PARAMETERS) target.searchParams.delete(name)
  const given = target.searchParams.get('options')
  target.searchParams.delete('options')
  // A space or backslash in a value of `options` is escaped by a backslash.
  const searchPath = `-c search_path=${JSON.stringify(schemaOf(url)).replaceAll(/[\s\\]/g, String.raw`\$&`)}`
  return { connectionString: target.href, options: given === null ? searchPath : `${searchPath} ${given}` }
}
