// Runs after `npm ci` in a checkout: builds dist/ and generates the Prisma clients that definitions and tests import.
import { execFileSync } from 'node:child_process'

execFileSync(process.execPath, ['scripts/build.js'], { stdio: 'inherit' })
