#!/usr/bin/env node
// The Prisma generator `millrace-models`, run by `prisma generate`.
import { existsSync } from 'node:fs'

const main = new URL('../dist/src/database/models-generator.js', import.meta.url)
if (!existsSync(main)) {
  process.stderr.write('millrace-models: dist/ is missing; run `npm run build` first\n')
  process.exit(2)
}
await import(main.href)
