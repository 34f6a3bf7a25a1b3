// `millrace schemas generate`: the event constructors and types of schemas/*.avsc, into schemas/generated.
import { join, relative } from 'node:path'
import { generateTypes } from '../../schema/generate-types.ts'
import { checkDrift } from '../../schema/check-drift.ts'
import { loadSchemas } from '../../schema/load-schemas.ts'
import { writeGenerated } from '../../schema/write-generated.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'

export const schemasGenerate: Command = {
  name: 'schemas generate',
  summary: 'Writes the event constructors and types of schemas/*.avsc to schemas/generated.',
  options: {
    check: { type: 'boolean', description: 'Writes nothing; exit code 1 when a file is not as it would be generated.' },
  },
  run: async ({ directory, options, json, print }) => {
    const folder = join(directory, 'schemas')
    const generated = join(folder, 'generated')
    const files = generateTypes(await loadSchemas(folder))
    const isCheck = options['check'] === true
    const drift = isCheck ? await checkDrift(files, generated) : await writeGenerated(files, generated)
    const found = drift.map(({ path, problem }) => ({ path: relative(directory, path), problem }))
    if (json) print(jsonText({ files: files.length, [isCheck ? 'drift' : 'written']: found }))
    else if (isCheck) {
      for (const { path, problem } of found) print(`${path}: ${problem}`)
      print(
        found.length === 0
          ? `${files.length} generated files are up to date`
          : `${found.length} of ${files.length} generated files differ: run \`millrace schemas generate\` and commit what it writes`,
      )
    } else {
      for (const { path, problem } of found) print(`${path}: ${done[problem]}`)
      print(`${files.length} generated files, ${found.length} of them new`)
    }
    return isCheck && found.length > 0 ? exitCodes.failed : exitCodes.done
  },
}

/** What generating did about each kind of drift. */
const done = { missing: 'written', changed: 'written anew', 'left over': 'removed' } as const
