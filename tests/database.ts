// A database of its own for a test file, named after it, on the one Postgres of the run. It holds the engine's tables, and is
// left behind when the tests have run, so that a failure can be looked into while the run lasts.
import { createHash } from 'node:crypto'

import { inject } from 'vitest'

import { createDatabase } from '../embedded/postgres/create-database.ts'

/** The database that globalSetup makes once, with the engine's migrations applied. */
export const engineTemplate = 'engine_template'

/** Makes a fresh database for `import.meta.url` (and a part of that file, if it needs several) and gives its URL. */
export async function testDatabase(file: string, part = ''): Promise<string> {
  const name = `test_${createHash('sha256').update(`${file} ${part}`).digest('hex').slice(0, 16)}`
  return createDatabase(inject('postgresUrl'), name, { template: engineTemplate, replace: true })
}
