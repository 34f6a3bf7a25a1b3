#!/usr/bin/env node
// The CLI. The engine runs as built JavaScript; a user's definitions are TypeScript and are loaded through tsx when needed.
import { existsSync } from 'node:fs'

const main = new URL('../dist/src/cli/main.js', import.meta.url)
if (!existsSync(main)) {
  process.stderr.write('millrace: dist/ is missing; run `npm run build` first\n')
  process.exit(2)
}
await import(main.href)
