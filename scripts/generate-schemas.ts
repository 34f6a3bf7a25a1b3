// Until the CLI has `schemas generate`: generates <folder>/generated from <folder>/*.avsc. `--check` only compares.
// node --import tsx scripts/generate-schemas.ts schemas [--check]
import { join } from 'node:path'
import { generateTypes } from '../src/schema/generate-types.ts'
import { checkDrift } from '../src/schema/check-drift.ts'
import { writeGenerated } from '../src/schema/write-generated.ts'
import { loadSchemas } from '../src/schema/load-schemas.ts'

const [directory = 'schemas', option] = process.argv.slice(2)
const files = generateTypes(await loadSchemas(directory))
const generated = join(directory, 'generated')
const drift = option === '--check' ? await checkDrift(files, generated) : await writeGenerated(files, generated)
for (const { path, problem } of drift) process.stdout.write(`${path}: ${problem}\n`)
if (option === '--check' && drift.length > 0) process.exitCode = 1
