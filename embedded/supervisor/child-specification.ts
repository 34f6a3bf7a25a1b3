// What a supervisor is told of one child, and what it tells of it. Data only.
import type { ReadyMessage } from '../process/run-program.ts'

/** A program that the supervisor keeps running. It reports through `runProgram`. */
export interface ChildSpecification {
  readonly name: string
  readonly command: {
    /** A JavaScript file, forked with this process's Node. */
    readonly file: string
    readonly args?: readonly string[]
    /** Arguments of Node itself, e.g. `['--import', 'tsx']` (default: none). */
    readonly nodeArgs?: readonly string[]
  }
  /**
   * Added to the supervisor's environment. As a function it is asked before each start with the last ready message of every
   * child by name, so that a child learns where those before it serve, and, when it starts again, where it served itself.
   */
  readonly env?: NodeJS.ProcessEnv | ((ready: ReadonlyMap<string, ReadyMessage>) => NodeJS.ProcessEnv)
  /** A child that is not ready by then is killed and counts as failed, in milliseconds (default: 30000). */
  readonly readyTimeoutMs?: number
  /** Started when these are ready, stopped before them. A dependency that dies later does not restart this child. */
  readonly dependsOn?: readonly string[]
}

export type ChildState = 'waiting' | 'starting' | 'ready' | 'backing-off' | 'stopping' | 'stopped'

export interface ChildStatus {
  readonly name: string
  readonly state: ChildState
  /** How often it was started again after its first start. */
  readonly restarts: number
  readonly pid?: number
  /** What it last reported when it became ready. */
  readonly ready?: ReadyMessage
  /** Why it went down last. */
  readonly reason?: string
}
