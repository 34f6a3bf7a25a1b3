// Runs a program as the child of a supervisor (with an IPC channel) or by hand (without one). Promises: the parent hears once
// that it is ready; it stops on SIGTERM, SIGINT and SIGHUP; it is gone within 2 s of its parent's death, however the parent died.
//
//   starting ──ready──▶ running ──signal, or the parent is gone──▶ stopping ──▶ exit 0
//      │                   └──the program ended by itself──▶ exit 1
//      └──a wrong setting──▶ exit 2 (do not start it again)   └──any other error──▶ exit 1
import { SettingError } from './setting-error.ts'

/** What a child tells its parent once it serves, e.g. `{ ready: true, port: 5433, url: 'postgres://…' }`. */
export interface ReadyMessage {
  readonly ready: true
  readonly [detail: string]: unknown
}

/** What a child tells its parent before it ends because of an error. */
export interface FailedMessage {
  readonly ready: false
  readonly error: string
}

export interface RunningProgram {
  /** Told to the parent beside `ready: true`: where the program serves. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Stops within the given time: a program that cannot be polite in that time drops what it holds. */
  stop(withinMs: number): Promise<void>
  /** Resolves with the reason when the program ends without having been asked to. */
  readonly ended?: Promise<Error>
}

export interface RunProgramOptions {
  /** How long stop() may take after a signal, in milliseconds; the process exits then in any case (default: 2000). */
  readonly stopWithinMs?: number
  /** What to do when it is ready and there is no parent to tell (default: one JSON line on stdout). */
  readonly announce?: (message: ReadyMessage) => void
}

/** After the parent's death everything must be gone within 2 s; what is left is for noticing it. */
const ORPHAN_STOP_MS = 1500

/**
 * Starts the program, reports it ready, and ends the process when it is asked to stop.
 * `start` gets a signal that aborts when the stop is asked for before the program is ready.
 */
export async function runProgram(
  start: (signal: AbortSignal) => Promise<RunningProgram>,
  { stopWithinMs = 2000, announce = printLine }: RunProgramOptions = {},
): Promise<void> {
  // Once the parent is gone its end of the pipes is closed; a failed write must not end the process before it has stopped.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)

  const stopping = new AbortController()
  const stopAsked = whenAskedToStop(stopWithinMs).then((withinMs) => {
    // The one bound that always holds, also while start() or stop() hangs.
    setTimeout(() => process.exit(1), withinMs)
    stopping.abort()
    return withinMs
  })

  let program: RunningProgram
  try {
    program = await start(stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0)
    return fail(error)
  }
  if (!stopping.signal.aborted) report({ ready: true, ...program.ready }, announce)

  const outcome = await Promise.race([stopAsked, ...(program.ended ? [program.ended] : [])])
  if (outcome instanceof Error) return fail(outcome)
  try {
    await program.stop(outcome)
  } catch (error) {
    return fail(error)
  }
  process.exit(0)
}

/** Resolves with the time that is left for stopping. */
async function whenAskedToStop(stopWithinMs: number): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(stopWithinMs))
    process.on('disconnect', () => resolve(ORPHAN_STOP_MS))
    // The parent may have died while this program's modules were loading; the event has then gone by unheard.
    if (process.send && !process.connected) resolve(ORPHAN_STOP_MS)
  })
}

function report(message: ReadyMessage, announce: (message: ReadyMessage) => void): void {
  if (process.send) process.send(message, undefined, undefined, () => undefined)
  else announce(message)
}

function printLine(message: ReadyMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

function fail(error: unknown): void {
  const isSetting = error instanceof SettingError
  const exit = (): never => process.exit(isSetting ? 2 : 1)
  const message = error instanceof Error ? error.message : String(error)
  const text = isSetting || !(error instanceof Error) ? message : (error.stack ?? message)
  process.stderr.write(`${text}\n`, () => {
    if (!process.send) exit()
    const failed: FailedMessage = { ready: false, error: message }
    process.send?.(failed, undefined, undefined, exit)
  })
}
