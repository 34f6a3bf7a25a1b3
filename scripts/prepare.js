// Runs after `npm ci` in a checkout: builds dist/ and generates the Prisma clients that definitions and tests import. Needs no
// network: generating does not use Prisma's schema engine, and what wants a file in its place is given ours.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** @param {string[]} args */
const run = (...args) => {
  execFileSync(process.execPath, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: resolve('bin/prisma-schema-engine.js'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}

run('scripts/build.js')
const projects = ['.', ...(existsSync('examples') ? readdirSync('examples').map((name) => join('examples', name)) : [])]
for (const schema of projects.map((project) => join(project, 'prisma/schema.prisma'))) {
  if (existsSync(schema)) run('node_modules/prisma/build/index.js', 'generate', '--schema', schema)
}
