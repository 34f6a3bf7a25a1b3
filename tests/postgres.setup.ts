// Runs once for all database tests: starts one embedded Postgres in a temporary folder and tells the test files its URL.
// Each file makes a database of its own in it (tests/database.ts).
import { mkdtempSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { startPostgres } from '../embedded/postgres/start-postgres.ts'
import { migrateEngine } from '../src/database/migrate-engine.ts'
import { engineTemplate } from './database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-db-'))
  // Root's Postgres runs as another account, which has to get in.
  chmodSync(folder, 0o755)
  const postgres = await startPostgres({ dataDir: folder, fsync: false })
  await migrateEngine(await postgres.createDatabase(engineTemplate))
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
