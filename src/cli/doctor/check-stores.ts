// Runs the checks that need the stores. A store that is down is a finding of its own, and the others are still looked at.
import { join } from 'node:path'
import { MillraceError } from '../../errors/millrace-error.ts'
import { createLogger } from '../../observability/create-logger.ts'
import { type Connections, connectProject } from '../connect-project.ts'
import { consumerStates } from '../consumer-states.ts'
import type { Project } from '../open-project.ts'
import { checkConsumers } from './check-consumers.ts'
import { checkDatabase } from './check-database.ts'
import { checkKafka } from './check-kafka.ts'
import { checkModels } from './check-models.ts'
import { checkRegistry } from './check-registry.ts'
import { checkTables } from './check-tables.ts'
import type { Finding } from './finding.ts'

export async function checkStores(project: Project, now: Date): Promise<readonly Finding[]> {
  let connections: Connections
  try {
    connections = await connectProject(project, 'doctor', createLogger({ level: 'silent' }))
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return [
      { subject: 'stores', state: 'fail', detail: error.message, fix: '`millrace doctor --offline` leaves them out' },
    ]
  }
  try {
    return await checkConnected(project, connections, now)
  } finally {
    await connections.close()
  }
}

async function checkConnected(
  { directory, settings, definitions, models }: Project,
  { kafka, database }: Connections,
  now: Date,
): Promise<readonly Finding[]> {
  const [log, registry, postgres] = await Promise.all([
    checkKafka(kafka.admin, definitions.topics, settings.kafkaBrokers?.join(',') ?? ''),
    checkRegistry(settings, definitions.topics, globalThis.fetch),
    checkDatabase(database, join(directory, 'prisma/migrations')),
  ])
  const findings = [...log, ...registry, ...postgres]
  const isThere = (subject: string): boolean =>
    findings.some((finding) => finding.subject === subject && finding.state === 'ok')
  if (!isThere('kafka') || !isThere('engine tables')) return findings
  return [
    ...findings,
    await checkModels(models, database),
    ...checkConsumers(await consumerStates(definitions, kafka.admin, database), now),
    ...(await checkTables(definitions.projections, models, database)),
  ]
}
