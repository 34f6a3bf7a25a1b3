// Runs a bench by its name: `npm run bench -- <name> [options]`. Each is a program of its own and prints ratios of one run.
import { existsSync, readdirSync } from 'node:fs'

const [name] = process.argv.slice(2)
const file = new URL(`./${name}.ts`, import.meta.url)
if (name === undefined || name === 'run' || !existsSync(file)) {
  const names = readdirSync(new URL('.', import.meta.url))
    .map((path) => path.replace(/\.ts$/, ''))
    .filter((path) => !['run', 'percentile'].includes(path) && !path.includes('.'))
  process.stderr.write(`npm run bench -- <name>, one of: ${names.join(', ')}\n`)
  process.exit(2)
}
process.argv.splice(2, 1)
await import(file.href)
