// Prisma's CLI for this project. It works with what npm installs: the schema engine is ours, nothing is downloaded.
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'prisma/config'

process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= fileURLToPath(new URL('bin/prisma-schema-engine.js', import.meta.url))

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Without DATABASE_URL it is the embedded Postgres of `npm start`.
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5433/millrace' },
})
