// Reads the description of the user's models that `prisma generate` writes through the millrace-models generator.
import { readFile } from 'node:fs/promises'

import { MillraceError } from '../errors/millrace-error.ts'
import type { Model, Models } from './model.ts'

/**
 * Reads models.json, by convention prisma/generated/models/models.json of a project.
 * @throws MillraceError `MILLRACE_MODELS_MISSING` when the file is not there or not what the generator writes
 */
export async function readModels(file: string): Promise<Models> {
  let models: unknown
  try {
    ;({ models } = JSON.parse(await readFile(file, 'utf8')) as { models?: unknown })
  } catch (cause) {
    throw missing(file, cause)
  }
  if (!Array.isArray(models)) throw missing(file)
  return new Map((models as Model[]).map((model) => [model.name, model]))
}

function missing(file: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_MODELS_MISSING',
    `The models of prisma/schema.prisma could not be read from ${file}: add the generator millrace-models to the schema and run \`npx prisma generate\`.`,
    { cause },
  )
}
