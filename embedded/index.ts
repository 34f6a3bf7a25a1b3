export { startPostgres } from './postgres/start-postgres.ts'
export type { EmbeddedPostgres, PostgresOptions } from './postgres/start-postgres.ts'
