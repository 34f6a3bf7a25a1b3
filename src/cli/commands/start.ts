// `millrace start`: everything on this machine. A supervisor of child processes: first the embedded stores, then, when tables,
// topics and schemas are there, the roles. Stops in the other order.
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MillraceError } from '../../errors/millrace-error.ts'
import { createLogger } from '../../observability/create-logger.ts'
import { createDatabase } from '../../../embedded/postgres/create-database.ts'
import type { ChildStatus } from '../../../embedded/supervisor/child-specification.ts'
import { startSupervisor, type Supervisor } from '../../../embedded/supervisor/start-supervisor.ts'
import { banner } from '../banner.ts'
import { type Command, exitCodes, type Invocation } from '../command.ts'
import { choosePorts } from '../choose-ports.ts'
import { connectProject } from '../connect-project.ts'
import { keptSecret } from '../kept-secret.ts'
import { openProject, type Project } from '../open-project.ts'
import { prepareStores } from '../prepare-stores.ts'
import { removeRunningStack, type StackEnvironment, writeRunningStack } from '../running-stack.ts'
import { embeddedStores, roles, type StackPorts } from '../stack.ts'

export const start: Command = {
  name: 'start',
  summary: 'Runs everything on this machine: the embedded stores that no setting replaces, and all roles.',
  options: {
    fresh: { type: 'boolean', description: 'Deletes the data of the embedded stack first.' },
  },
  run,
}

async function run(invocation: Invocation): Promise<number> {
  const project = await openProject(invocation.directory, invocation.env)
  const data = resolve(project.directory, project.settings.dataDirectory)
  const tell = (status: ChildStatus): void => report(invocation, status)
  const ports = await choosePorts(project.settings)
  if (invocation.options['fresh'] === true) await deleteData(data)
  const stores = startSupervisor(embeddedStores(project.settings, data, ports), { onChange: tell, stopWithinMs: 2_500 })
  let children: Supervisor | undefined
  const stopped = new Promise<void>((done) => {
    // Ctrl-C may have come already, while the project was being read.
    if (invocation.signal.aborted) done()
    else invocation.signal.addEventListener('abort', () => done(), { once: true })
  })
  try {
    await beforeStop(stores.ready, stores, stopped)
    const { environment, newAdminToken } = await environmentOf(project, stores, data, ports)
    await prepare(project, environment)
    children = startSupervisor(roles(environment), { onChange: tell, stopWithinMs: 2_500 })
    await beforeStop(children.ready, children, stopped)
    await writeRunningStack(data, environment)
    announce(invocation, project, environment, newAdminToken, join(data, 'admin-token'))
    const gaveUp = await Promise.race([stopped, stores.ended, children.ended])
    if (gaveUp instanceof Error) throw gaveUp
    return exitCodes.done
  } catch (error) {
    if (error instanceof Stopped) return exitCodes.done
    throw error
  } finally {
    await removeRunningStack(data)
    await children?.stop()
    await stores.stop()
  }
}

/** The stores' own folders only: whatever else lies in the data folder is not ours to delete. */
async function deleteData(data: string): Promise<void> {
  for (const store of ['broker', 'registry', 'postgres']) await rm(join(data, store), { recursive: true, force: true })
}

/** Ctrl-C while things are still starting. */
class Stopped extends Error {}

async function beforeStop(ready: Promise<void>, supervisor: Supervisor, stopped: Promise<void>): Promise<void> {
  const ended = supervisor.ended.then((error) => {
    throw toUserError(error)
  })
  ended.catch(() => undefined)
  await Promise.race([
    ready.catch(() => ended),
    ended,
    stopped.then(() => {
      throw new Stopped()
    }),
  ])
}

/** A child that gave up because of a setting has said so in a line of its own: that line is the message. */
function toUserError(error: Error | undefined): Error {
  return new MillraceError('MILLRACE_START_INVALID', error?.message ?? 'the stack was stopped before it was ready')
}

/** What the roles and the other commands need to know to reach this stack. */
async function environmentOf(
  { settings }: Project,
  stores: Supervisor,
  data: string,
  ports: StackPorts,
): Promise<{ environment: StackEnvironment; newAdminToken: string | null }> {
  const admin = settings.adminToken === null ? await keptSecret(join(data, 'admin-token')) : null
  const signing = settings.tokenSecret === null ? await keptSecret(join(data, 'token-secret')) : null
  const postgres = stores.status().find(({ name }) => name === 'postgres')?.ready?.['url']
  const databaseUrl = settings.databaseUrl ?? (await createDatabase(String(postgres), settings.app))
  return {
    environment: {
      PORT: String(ports.http),
      KAFKA_BROKERS: settings.kafkaBrokers?.join(',') ?? `127.0.0.1:${ports.broker}`,
      SCHEMA_REGISTRY_URL: settings.schemaRegistryUrl ?? `http://127.0.0.1:${ports.registry}`,
      DATABASE_URL: databaseUrl,
      ADMIN_TOKEN: settings.adminToken ?? admin?.secret ?? '',
      MILLRACE_TOKEN_SECRET: settings.tokenSecret ?? signing?.secret ?? '',
    },
    newAdminToken: admin?.made === true ? admin.secret : null,
  }
}

async function prepare(project: Project, environment: StackEnvironment): Promise<void> {
  const logger = createLogger({ level: 'warn' })
  const opened = await openProject(project.directory, { ...process.env, ...environment })
  const connections = await connectProject(opened, 'start', logger)
  try {
    await prepareStores(opened, connections, environment['DATABASE_URL'] ?? '')
  } finally {
    await connections.close()
  }
}

function report({ note, json, print }: Invocation, status: ChildStatus): void {
  if (json)
    print(JSON.stringify({ child: status.name, state: status.state, restarts: status.restarts, pid: status.pid }))
  else if (status.state === 'backing-off')
    note(`${status.name} went down (${status.reason ?? 'no reason given'}); starting it again`)
  else if (status.state === 'ready' && status.restarts > 0) note(`${status.name} is back`)
}

function announce(
  { json, print }: Invocation,
  { settings, definitions }: Project,
  environment: StackEnvironment,
  newAdminToken: string | null,
  adminTokenFile: string,
): void {
  const http = `http://${settings.host}:${environment['PORT']}`
  if (json) return print(JSON.stringify({ ready: true, http, ...environment }))
  const addresses = {
    http,
    kafka: environment['KAFKA_BROKERS'] ?? '',
    registry: environment['SCHEMA_REGISTRY_URL'] ?? '',
    postgres: environment['DATABASE_URL'] ?? '',
    newAdminToken,
    adminTokenFile,
  }
  print(banner(settings.app, addresses, definitions))
}
