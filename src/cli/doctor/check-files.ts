// Looks at the project's files: the contract, what is generated from it, what is generated from the models.
import { stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { consumersOf } from '../../definition/consumers-of.ts'
import { checkDrift } from '../../schema/check-drift.ts'
import { generateTypes } from '../../schema/generate-types.ts'
import { loadSchemas } from '../../schema/load-schemas.ts'
import type { Project } from '../open-project.ts'
import type { Finding } from './finding.ts'

/** The project was opened, so its settings and definitions are right already. @throws MillraceError for a schema that is wrong */
export async function checkFiles({ directory, definitions, models }: Project): Promise<readonly Finding[]> {
  const consumers = consumersOf(definitions)
  const counted = [
    `${definitions.topics.length} topics`,
    `${definitions.producers.length} producers`,
    `${consumers.length} consumers`,
    `${definitions.queries.length} queries`,
    `${models.size} models`,
  ]
  return [
    { subject: 'definitions', state: 'ok', detail: counted.join(', ') },
    await checkGenerated(directory),
    await checkClient(directory),
  ]
}

async function checkGenerated(directory: string): Promise<Finding> {
  const folder = join(directory, 'schemas')
  const files = generateTypes(await loadSchemas(folder))
  const drift = await checkDrift(files, join(folder, 'generated'))
  const subject = 'schemas/generated'
  if (drift.length === 0) return { subject, state: 'ok', detail: `${files.length} files are up to date` }
  const listed = drift.map(({ path, problem }) => `${relative(directory, path)} (${problem})`).join(', ')
  return {
    subject,
    state: 'fail',
    detail: `${listed}: not as the schemas say`,
    fix: 'run `millrace schemas generate` and commit what it writes',
  }
}

async function checkClient(directory: string): Promise<Finding> {
  const subject = 'prisma/generated'
  const [changed, made] = await Promise.all([
    stat(join(directory, 'prisma/schema.prisma')),
    stat(join(directory, 'prisma/generated/models/models.json')),
  ])
  if (changed.mtimeMs <= made.mtimeMs) return { subject, state: 'ok', detail: 'newer than prisma/schema.prisma' }
  return {
    subject,
    state: 'warn',
    detail: 'prisma/schema.prisma was changed after it was generated',
    fix: 'run `npx prisma generate`',
  }
}
