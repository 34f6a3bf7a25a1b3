// The process behind bin/millrace.js: hands the command line to its command and ends with its exit code.
import { text } from 'node:stream/consumers'
import { commands } from './commands.ts'
import { runCommand } from './run-command.ts'

const stopping = new AbortController()
// The first Ctrl-C or SIGTERM asks the command to end well; a second Ctrl-C ends it at once, as people expect.
process.once('SIGTERM', () => stopping.abort())
process.once('SIGINT', () => {
  stopping.abort()
  process.once('SIGINT', () => process.exit(130))
})

process.exitCode = await runCommand(commands, process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  readInput: () => text(process.stdin),
  interactive: process.stdout.isTTY,
  env: process.env,
  directory: process.cwd(),
  signal: stopping.signal,
})
