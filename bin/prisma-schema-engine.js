#!/usr/bin/env node
// What PRISMA_SCHEMA_ENGINE_BINARY names: Prisma's schema engine from npm instead of a downloaded binary.
import { existsSync } from 'node:fs'

const main = new URL('../dist/src/database/schema-engine/main.js', import.meta.url)
if (!existsSync(main)) {
  process.stderr.write('prisma-schema-engine: dist/ is missing; run `npm run build` first\n')
  process.exit(2)
}
await import(main.href)
