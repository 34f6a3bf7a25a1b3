// The Prisma generator behind bin/millrace-models.js: `prisma generate` runs it and it writes models.json (for the engine) and
// models.d.ts (for the compiler) into its output folder. A program, not a module: importing it runs it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import generatorHelper from '@prisma/generator-helper'

import { MillraceError } from '../errors/millrace-error.ts'
import { declareModels } from './declare-models.ts'
import { describeModels } from './describe-models.ts'

const defaultOutput = 'generated/models'

// Answers Prisma over stdin and stderr until it hangs up.
generatorHelper.generatorHandler({
  onManifest: () => ({ prettyName: 'Millrace models', defaultOutput }),
  onGenerate: async ({ dmmf, generator, otherGenerators }) => {
    const output = generator.output?.value ?? defaultOutput
    const client = otherGenerators.find(({ provider }) => provider.value === 'prisma-client')?.output?.value
    if (!client) {
      throw new MillraceError(
        'MILLRACE_MODELS_MISSING',
        'millrace-models needs a generator with provider = "prisma-client" and an output beside it in schema.prisma.',
      )
    }
    const models = describeModels(dmmf.datamodel)
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, 'models.json'), `${JSON.stringify({ models }, null, 2)}\n`)
    const clientModule = join(relative(output, client), 'client.js').replaceAll('\\', '/')
    writeFileSync(join(output, 'models.d.ts'), declareModels(models, clientModule))
  },
})
