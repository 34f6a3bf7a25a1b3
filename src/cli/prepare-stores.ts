// Makes the stores ready for the roles: the engine's tables, the user's migrations, topics, schemas. Each step leaves alone what is
// there already, so it runs at every start, and any number of times at once.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '../database/migrate.ts'
import { migrateEngine } from '../database/migrate-engine.ts'
import { registerTopicSchemas } from '../schema/register-topic-schemas.ts'
import { ensureTopics } from '../topic/ensure-topics.ts'
import type { Connections } from './connect-project.ts'
import type { Project } from './open-project.ts'

/** What was new. */
export interface Prepared {
  readonly engineMigrations: readonly string[]
  readonly migrations: readonly string[]
  readonly topics: number
}

/** @throws MillraceError of the step that failed */
export async function prepareStores(
  project: Project,
  { kafka, registry }: Connections,
  databaseUrl: string,
): Promise<Prepared> {
  const engineMigrations = await migrateEngine(databaseUrl)
  const folder = join(project.directory, 'prisma/migrations')
  const migrations = existsSync(folder) ? await migrate({ url: databaseUrl, folder }) : []
  const { topics } = project.definitions
  await ensureTopics(kafka.admin, topics)
  await registerTopicSchemas(registry, topics)
  return { engineMigrations, migrations, topics: topics.length }
}
