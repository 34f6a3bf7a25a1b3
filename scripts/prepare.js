// Runs after `npm ci` in a checkout: builds dist/ and generates the Prisma clients that definitions and tests import. Needs no
// network: generating does not use Prisma's schema engine, and what wants a file in its place is given ours.
// `--if-stale`: only where a schema.prisma is newer than what was generated from it; the static checks begin with this.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

// npm links the programs of dependencies only; a schema here names the generator as it does in a project that depends on us. The
// first place is this checkout's own, where node_modules is shared with others; the second is for `npx prisma generate` by hand.
const places = [resolve('.cache/programs'), resolve('node_modules/.bin')]

/** @param {string[]} args */
const run = (...args) => {
  execFileSync(process.execPath, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: [...places, process.env['PATH'] ?? ''].join(delimiter),
      PRISMA_SCHEMA_ENGINE_BINARY: resolve('bin/prisma-schema-engine.js'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}

/** @param {string} schema */
const isStale = (schema) => {
  const generated = join(dirname(schema), 'generated/models/models.json')
  return !existsSync(generated) || statSync(generated).mtimeMs < statSync(schema).mtimeMs
}

const projects = [
  '.',
  'bench/projection',
  ...(existsSync('examples') ? readdirSync('examples').map((name) => join('examples', name)) : []),
]
const schemas = projects.map((project) => join(project, 'prisma/schema.prisma')).filter((schema) => existsSync(schema))
const onlyStale = process.argv.includes('--if-stale')
const wanted = onlyStale ? schemas.filter(isStale) : schemas

if (wanted.length > 0 || !onlyStale) {
  run('scripts/build.js')
  const { bin } = /** @type {{ bin: Record<string, string> }} */ (JSON.parse(readFileSync('package.json', 'utf8')))
  for (const place of places) {
    mkdirSync(place, { recursive: true })
    for (const [name, file] of Object.entries(bin))
      if (!existsSync(join(place, name))) symlinkSync(join('../..', file), join(place, name))
  }
  for (const schema of wanted) run('node_modules/prisma/build/index.js', 'generate', '--schema', schema)
}
