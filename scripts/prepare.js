// Runs after `npm ci` in a checkout: builds dist/ and generates the Prisma clients that definitions and tests import. Needs no
// network: generating does not use Prisma's schema engine, and what wants a file in its place is given ours.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const programs = resolve('node_modules/.bin')

/** @param {string[]} args */
const run = (...args) => {
  execFileSync(process.execPath, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
      PRISMA_SCHEMA_ENGINE_BINARY: resolve('bin/prisma-schema-engine.js'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}

run('scripts/build.js')

// npm links the programs of dependencies only; a schema here names the generator as it does in a project that depends on us.
const { bin } = /** @type {{ bin: Record<string, string> }} */ (JSON.parse(readFileSync('package.json', 'utf8')))
for (const [name, file] of Object.entries(bin)) {
  if (!existsSync(join(programs, name))) symlinkSync(join('../..', file), join(programs, name))
}

const projects = ['.', ...(existsSync('examples') ? readdirSync('examples').map((name) => join('examples', name)) : [])]
for (const schema of projects.map((project) => join(project, 'prisma/schema.prisma'))) {
  if (existsSync(schema)) run('node_modules/prisma/build/index.js', 'generate', '--schema', schema)
}
