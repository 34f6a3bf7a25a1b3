// Which programs `millrace start` runs, as data: the embedded stores that no setting replaces, then the roles.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../config/settings.ts'
import type { ChildSpecification } from '../../embedded/supervisor/child-specification.ts'
import type { StackEnvironment } from './running-stack.ts'

/** Ports of the programs, none of them 0, so that one that died serves there again. */
export interface StackPorts {
  readonly http: number
  readonly broker: number
  readonly registry: number
  readonly postgres: number
}

const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The stores that run embedded: those without an address in the settings. */
export function embeddedStores(settings: Settings, data: string, ports: StackPorts): ChildSpecification[] {
  const store = (name: 'broker' | 'registry' | 'postgres'): ChildSpecification => ({
    name,
    command: {
      file: built(`embedded/${name}/main.js`),
      args: ['--port', String(ports[name]), '--data', join(data, name)],
    },
  })
  return [
    ...(settings.kafkaBrokers === null ? [store('broker')] : []),
    ...(settings.schemaRegistryUrl === null ? [store('registry')] : []),
    ...(settings.databaseUrl === null ? [store('postgres')] : []),
  ]
}

/** The roles of a project, each a process that reaches the stores through its environment. */
export function roles(environment: StackEnvironment): ChildSpecification[] {
  return ['http', 'consumers', 'scheduler'].map((role) => ({
    name: role,
    command: { file: built('src/cli/main.js'), args: ['run', role] },
    env: { ...process.env, ...environment },
  }))
}
