// Runs a command against the project's stores: the ones that the settings name, or the embedded stack that runs for this folder.
import { resolve } from 'node:path'
import { createLogger } from '../observability/create-logger.ts'
import type { Invocation } from './command.ts'
import { connectProject, type Connections } from './connect-project.ts'
import { openProject, openSettings, type Project } from './open-project.ts'
import { readRunningStack } from './running-stack.ts'

/** The environment of an invocation, with the addresses of the running embedded stack where nothing else is set. */
export async function stackEnvironment({ directory, env }: Invocation): Promise<NodeJS.ProcessEnv> {
  const { dataDirectory } = await openSettings(directory, env)
  return { ...(await readRunningStack(resolve(directory, dataDirectory))), ...env }
}

/** Opens the project, connects it, runs `work`, and closes everything again. */
export async function withProject<Result>(
  invocation: Invocation,
  work: (project: Project, connections: Connections) => Promise<Result>,
): Promise<Result> {
  const project = await openProject(invocation.directory, await stackEnvironment(invocation))
  const connections = await connectProject(project, 'cli', createLogger({ level: 'silent' }))
  try {
    return await work(project, connections)
  } finally {
    await connections.close()
  }
}
