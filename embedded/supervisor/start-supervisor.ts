// Keeps a set of child processes running: starts each when those it depends on are ready, starts a dead one again, stops all
// in reverse order within 5 s. Knows nothing of what the children do. When this process dies by any signal the children see
// their IPC channel close and end by themselves within 2 s (runProgram).
import type { ReadyMessage } from '../process/run-program.ts'
import type { ChildSpecification, ChildStatus } from './child-specification.ts'
import { stopOrder } from './stop-order.ts'
import { SupervisedChild } from './supervised-child.ts'

export interface SupervisorOptions {
  /** Told of every change of a child's state. */
  readonly onChange?: (status: ChildStatus) => void
  /** How long stop() may take in all, in milliseconds; what still runs then is killed (default: 5000). */
  readonly stopWithinMs?: number
}

export interface Supervisor {
  /** Resolves when every child has been ready once; rejects when the supervisor stops before that. */
  readonly ready: Promise<void>
  /** Resolves when every child is stopped: with undefined after stop(), with the error when it gave up by itself. */
  readonly ended: Promise<Error | undefined>
  status(): readonly ChildStatus[]
  /** Stops every child, those that depend on others first. Calling it again joins the stop under way. */
  stop(): Promise<void>
}

/**
 * Starts the children and returns at once.
 * A child that ends with exit code 2 (a wrong setting) or never becomes ready stops all of them; `ended` tells why.
 * @throws Error when a name is used twice, a dependency is unknown, or dependencies run in a circle.
 */
export function startSupervisor(
  specifications: readonly ChildSpecification[],
  { onChange, stopWithinMs = 5000 }: SupervisorOptions = {},
): Supervisor {
  const levels = stopOrder(specifications)
  const children = new Map<string, SupervisedChild>()
  const readyMessages = new Map<string, ReadyMessage>()
  const allReady = deferred<undefined>()
  const ended = deferred<Error | undefined>()
  // Whoever only waits for `ended` has not asked for this rejection.
  allReady.promise.catch(() => undefined)
  let stopping: Promise<void> | undefined

  const startWhatCan = (): void => {
    if (stopping) return
    for (const child of children.values()) {
      const { dependsOn = [] } = child.specification
      if (child.status.state === 'waiting' && dependsOn.every((name) => readyMessages.has(name))) {
        child.start(readyMessages)
      }
    }
  }

  const stop = async (error?: Error): Promise<void> => {
    stopping ??= (async () => {
      allReady.reject(error ?? new Error('the supervisor was stopped before every child was ready'))
      const deadline = performance.now() + stopWithinMs
      for (const [index, level] of levels.entries()) {
        // Each level may use its share of what is left, so that a stuck one leaves time to those it depends on.
        const withinMs = Math.max(0, deadline - performance.now()) / (levels.length - index)
        await Promise.all(level.map(async (name) => children.get(name)?.stop(withinMs)))
      }
      ended.resolve(error)
    })()
    return stopping
  }

  for (const specification of specifications) {
    const child = new SupervisedChild(specification, {
      onChange(status) {
        onChange?.(status)
        if (status.state !== 'ready' || !status.ready) return
        readyMessages.set(status.name, status.ready)
        if (readyMessages.size === children.size) allReady.resolve(undefined)
        startWhatCan()
      },
      onGiveUp: (error) => void stop(error),
    })
    children.set(specification.name, child)
  }
  startWhatCan()

  return {
    ready: allReady.promise,
    ended: ended.promise,
    status: () => [...children.values()].map((child) => child.status),
    stop: async () => stop(),
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((ok, fail) => {
    resolve = ok
    reject = fail
  })
  return { promise, resolve, reject }
}
