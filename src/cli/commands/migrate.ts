// `millrace migrate`: what a deployment runs once before its roles.
import { createLogger } from '../../observability/create-logger.ts'
import { type Command, exitCodes } from '../command.ts'
import { connectProject } from '../connect-project.ts'
import { openProject } from '../open-project.ts'
import { prepareStores } from '../prepare-stores.ts'
import { stackEnvironment } from '../with-project.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Applies migrations, creates topics, registers schemas; leaves alone what is there already.',
  run: async (invocation) => {
    const project = await openProject(invocation.directory, await stackEnvironment(invocation))
    const connections = await connectProject(project, 'migrate', createLogger({ level: 'silent' }))
    try {
      const prepared = await prepareStores(project, connections, project.settings.databaseUrl ?? '')
      const { engineMigrations, migrations, topics } = prepared
      if (invocation.json) invocation.print(JSON.stringify(prepared))
      else
        invocation.print(
          `applied ${engineMigrations.length} engine and ${migrations.length} project migrations; ${topics} topics and their schemas are there`,
        )
      return exitCodes.done
    } finally {
      await connections.close()
    }
  },
}
