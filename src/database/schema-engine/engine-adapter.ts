// Gives the WebAssembly schema engine its database, through Prisma's own adapter for pg with three gaps closed: column types of
// the catalog, scripts that hold `;` inside a body, and shadow databases.
import { randomUUID } from 'node:crypto'

import { PrismaPg } from '@prisma/adapter-pg'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils'
import type pg from 'pg'

import { connectionSettings, schemaOf } from '../connection-settings.ts'
import type { Datasource } from './engine-arguments.ts'
import { dropDatabase, givenUrl, makeDatabase, quoteName, withDatabase } from './server-access.ts'

/** The inside of Prisma's adapter, as far as it has to be changed. */
interface AdapterInside {
  performIO(query: SqlQuery & { characters?: number[] }): Promise<{ fields?: { dataTypeID: number }[] }>
  queryRaw(query: SqlQuery & { characters?: number[] }): Promise<SqlResultSet>
  executeScript(script: string): Promise<void>
  onError(error: unknown): never
  underlyingDriver(): pg.Pool
  startTransaction?(...options: unknown[]): Promise<Transaction>
}

const TEXT = 25
/** The type "char" of the catalog: the engine wants it as a character, the adapter knows it not at all. */
const CATALOG_CHAR = 18
/** regproc, pg_node_tree, regoper, regoperator, regtype, void: read by the engine as text. */
const READ_AS_TEXT = new Set([24, 194, 2202, 2205, 2206, 2278])

function closeGaps<Adapter extends SqlDriverAdapter | Transaction>(adapter: Adapter): Adapter {
  const inside = adapter as unknown as AdapterInside
  const performIO = inside.performIO.bind(inside)
  const queryRaw = inside.queryRaw.bind(inside)
  const startTransaction = inside.startTransaction?.bind(inside)

  inside.performIO = async (query) => {
    const result = await performIO(query)
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID === CATALOG_CHAR) query.characters?.push(index)
      if (field.dataTypeID === CATALOG_CHAR || READ_AS_TEXT.has(field.dataTypeID)) field.dataTypeID = TEXT
    }
    return result
  }
  inside.queryRaw = async (query) => {
    const characters: number[] = []
    const result = await queryRaw({ ...query, characters })
    for (const index of characters) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
  // The adapter splits a script at each `;`, which breaks function bodies and leaves half of a failed migration behind. As one
  // simple query it is one transaction.
  inside.executeScript = async (script) => {
    try {
      await inside.underlyingDriver().query(script)
    } catch (error) {
      inside.onError(error)
    }
  }
  if (startTransaction) {
    inside.startTransaction = async (...options) => closeGaps(await startTransaction(...options))
  }
  return adapter
}

async function open(url: string): Promise<SqlDriverAdapter> {
  // One connection: the engine holds an advisory lock on it while it migrates.
  return closeGaps(await new PrismaPg({ ...connectionSettings(url), max: 1 }, { schema: schemaOf(url) }).connect())
}

/** What the engine opens databases with. */
export function engineAdapterFactory({ url, shadowDatabaseUrl }: Datasource): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => open(givenUrl(url)),
    async connectToShadowDb() {
      if (shadowDatabaseUrl !== undefined) {
        const schema = quoteName(schemaOf(shadowDatabaseUrl))
        const adapter = await open(shadowDatabaseUrl)
        await adapter.executeScript(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema};`)
        return adapter
      }
      const server = givenUrl(url)
      const name = `prisma_migrate_shadow_db_${randomUUID()}`
      await makeDatabase(server, name)
      const adapter = await open(withDatabase(server, name))
      const dispose = adapter.dispose.bind(adapter)
      adapter.dispose = async () => {
        await dispose()
        await dropDatabase(server, name)
      }
      return adapter
    },
  }
}
