export { startPostgres } from './postgres/start-postgres.ts'
export type { EmbeddedPostgres, PostgresOptions } from './postgres/start-postgres.ts'
export { startRegistry } from './registry/start-registry.ts'
export type { Registry, RegistryOptions } from './registry/start-registry.ts'
