// Runs a bench by its name: `npm run bench -- <name> [options]`. Each is a program of its own and prints ratios of one run.
const names = ['projection', 'latency', 'codec']
const [name] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`npm run bench -- <name>, one of: ${names.join(', ')}\n`)
  process.exit(2)
}
process.argv.splice(2, 1)
await import(new URL(`./${name}.ts`, import.meta.url).href)
