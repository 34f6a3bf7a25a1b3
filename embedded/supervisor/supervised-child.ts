// One child process and its state machine. Promises: at most one process at a time; a dead one is started again after a
// back-off that doubles from 200 ms to 10 s, and starts over once the child has stayed ready for 10 s.
//
//   waiting ──start()──▶ starting ──ready message──▶ ready
//                          ▲  │                        │
//                          │  └──exit, ready timeout──┐│ exit
//                          │                          ▼▼
//                          └─────after a delay── backing-off ──exit code 2, or 5 starts without ever ready──▶ stopped, onGiveUp
//   starting, ready ──stop()──▶ stopping ──exit──▶ stopped          waiting, backing-off ──stop()──▶ stopped
import { fork, type ChildProcess } from 'node:child_process'

import type { FailedMessage, ReadyMessage } from '../process/run-program.ts'
import type { ChildSpecification, ChildState, ChildStatus } from './child-specification.ts'

/** Exit code of a program that a wrong setting keeps from running: starting it again cannot help. */
const WRONG_SETTING = 2
const MAX_STARTS_BEFORE_FIRST_READY = 5
const BACK_OFF = { firstMs: 200, maxMs: 10_000, resetAfterReadyMs: 10_000 }
const DEFAULT_READY_TIMEOUT_MS = 30_000

export interface ChildEvents {
  onChange(status: ChildStatus): void
  /** The child will not be started again: its settings are wrong, or it never became ready. */
  onGiveUp(error: Error): void
}

export class SupervisedChild {
  readonly specification: ChildSpecification
  readonly #events: ChildEvents
  #state: ChildState = 'waiting'
  #process: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #starts = 0
  #failuresInARow = 0
  #readySince = 0
  #ready: ReadyMessage | undefined
  #reason: string | undefined
  readonly #whenStopped: Promise<void>
  #resolveStopped: () => void = () => undefined

  constructor(specification: ChildSpecification, events: ChildEvents) {
    this.specification = specification
    this.#events = events
    this.#whenStopped = new Promise((resolve) => {
      this.#resolveStopped = resolve
    })
  }

  get status(): ChildStatus {
    return {
      name: this.specification.name,
      state: this.#state,
      restarts: Math.max(0, this.#starts - 1),
      ...(this.#process?.pid !== undefined && { pid: this.#process.pid }),
      ...(this.#ready && { ready: this.#ready }),
      ...(this.#reason !== undefined && { reason: this.#reason }),
    }
  }

  /** Starts a child that waits; `readyMessages` is read again before each later start. */
  start(readyMessages: ReadonlyMap<string, ReadyMessage>): void {
    if (this.#state !== 'waiting' && this.#state !== 'backing-off') return
    const { command, env } = this.specification
    this.#starts++
    const child = fork(command.file, command.args ?? [], {
      execArgv: [...(command.nodeArgs ?? [])],
      env: { ...process.env, ...(typeof env === 'function' ? env(readyMessages) : env) },
      // In a session of its own: a Ctrl-C at the terminal reaches the supervisor only, which stops the children in order.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process = child
    this.#reason = undefined

    let failure: string | undefined
    child.on('message', (message: ReadyMessage | FailedMessage) => {
      if (message.ready) this.#becomeReady(message)
      else failure = message.error
    })
    child.once('error', (error) => {
      failure ??= error.message
      // A process that could not be spawned has no exit event.
      if (child.pid === undefined) this.#exited(null, failure, readyMessages)
    })
    child.once('exit', (code, signal) => {
      this.#exited(code, failure ?? `ended with ${signal ?? `exit code ${code}`}`, readyMessages)
    })

    const readyTimeoutMs = this.specification.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS
    this.#timer = setTimeout(() => {
      failure ??= `was not ready within ${readyTimeoutMs} ms`
      child.kill('SIGKILL')
    }, readyTimeoutMs)
    this.#enter('starting')
  }

  /** Stops the child: SIGTERM, and SIGKILL when `withinMs` have passed. Resolves when its process is gone. */
  async stop(withinMs: number): Promise<void> {
    if (this.#state === 'waiting' || this.#state === 'backing-off') {
      clearTimeout(this.#timer)
      this.#becomeStopped()
    } else if (this.#state === 'starting' || this.#state === 'ready') {
      clearTimeout(this.#timer)
      const child = this.#process
      this.#timer = setTimeout(() => child?.kill('SIGKILL'), withinMs)
      this.#enter('stopping')
      child?.kill('SIGTERM')
    }
    return this.#whenStopped
  }

  #becomeReady(message: ReadyMessage): void {
    if (this.#state !== 'starting') return
    clearTimeout(this.#timer)
    this.#ready = message
    this.#readySince = performance.now()
    this.#enter('ready')
  }

  #exited(code: number | null, reason: string, readyMessages: ReadonlyMap<string, ReadyMessage>): void {
    clearTimeout(this.#timer)
    this.#process = undefined
    if (this.#state === 'stopping') return this.#becomeStopped()

    const wasStable = this.#state === 'ready' && performance.now() - this.#readySince >= BACK_OFF.resetAfterReadyMs
    this.#failuresInARow = wasStable ? 1 : this.#failuresInARow + 1
    this.#reason = reason
    const isHopeless = !this.#ready && this.#starts >= MAX_STARTS_BEFORE_FIRST_READY
    if (code === WRONG_SETTING || isHopeless) {
      this.#becomeStopped()
      const attempts = isHopeless ? ` (${this.#starts} starts)` : ''
      return this.#events.onGiveUp(new Error(`${this.specification.name}: ${reason}${attempts}`))
    }
    const delayMs = Math.min(BACK_OFF.maxMs, BACK_OFF.firstMs * 2 ** (this.#failuresInARow - 1))
    this.#timer = setTimeout(() => this.start(readyMessages), delayMs)
    this.#enter('backing-off')
  }

  #becomeStopped(): void {
    this.#enter('stopped')
    this.#resolveStopped()
  }

  #enter(state: ChildState): void {
    this.#state = state
    this.#events.onChange(this.status)
  }
}
