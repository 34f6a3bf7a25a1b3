// Makes a database on a running Postgres. From a template it is a copy of that database's files: about 50 ms, however many
// migrations the template went through, so that every test file can have one of its own.
import pg from 'pg'

export interface CreateDatabaseOptions {
  /** The database to copy; nobody may be connected to it (default: an empty one). */
  readonly template?: string
  /** Drop a database of that name first, whoever is connected to it (default: keep it as it is). */
  readonly replace?: boolean
}

const DUPLICATE_DATABASE = '42P04'

/** Makes the database unless it is there, and gives its URL. `url` is that of any database on the same server. */
export async function createDatabase(
  url: string,
  name: string,
  { template, replace = false }: CreateDatabaseOptions = {},
): Promise<string> {
  const target = new URL(url)
  target.pathname = `/${encodeURIComponent(name)}`
  const admin = new URL(url)
  admin.pathname = '/postgres'

  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    const database = client.escapeIdentifier(name)
    if (replace) await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    else if (await exists(client, name)) return target.href
    // Copying the files costs a checkpoint; writing a small template through the log is quicker and less disturbing.
    const source = template === undefined ? '' : ` TEMPLATE ${client.escapeIdentifier(template)} STRATEGY WAL_LOG`
    await client.query(`CREATE DATABASE ${database}${source}`)
  } catch (error) {
    // Somebody else made it in the meantime.
    if (!(error instanceof pg.DatabaseError && error.code === DUPLICATE_DATABASE)) throw error
  } finally {
    await client.end()
  }
  return target.href
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
  return rowCount === 1
}
