// Prisma's CLI for this project. Its schema engine comes with Millrace, so nothing has to be downloaded.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const millrace = dirname(createRequire(import.meta.url).resolve('millrace/package.json'))
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= join(millrace, 'bin/prisma-schema-engine.js')

export default {
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Without DATABASE_URL it is the embedded Postgres of `npm start`.
  datasource: {
    url: process.env['DATABASE_URL'] ?? `postgres://postgres@127.0.0.1:${process.env['POSTGRES_PORT'] ?? 5433}/{{name}}`,
  },
}
