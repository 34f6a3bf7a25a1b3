// What a role is: one of the things a process of a project does. A role is given everything it works with.
import type { Health } from '../../observability/health.ts'
import type { Logger } from '../../observability/logger.ts'
import type { Metrics } from '../../observability/create-metrics.ts'
import type { Connections } from '../connect-project.ts'
import type { Project } from '../open-project.ts'

/** What every role is given. */
export interface RoleSurroundings {
  readonly project: Project
  readonly connections: Connections
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Aborted when the process is asked to stop while the role is still starting. */
  readonly signal: AbortSignal
}

/** A role at work. */
export interface RunningRole {
  /** Told to the supervisor: where it serves. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Ends what runs well, within the given milliseconds. */
  stop(withinMs: number): Promise<void>
  /** Resolves with the reason when the role cannot go on. */
  readonly ended?: Promise<Error>
}

/** Starts a role. */
export type StartRole = (surroundings: RoleSurroundings) => Promise<RunningRole>
