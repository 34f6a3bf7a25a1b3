// Makes the logger of a process on pino: JSON lines with ISO times and level names, or one line for people. Every line goes
// through `redact`, whatever the caller put into it.
import { type DestinationStream, pino } from 'pino'
import type { Logger as PinoLogger } from 'pino'
import type { LogDetails, Logger } from './logger.ts'
import { prettyLine } from './pretty-line.ts'
import { redact } from './redact.ts'

export interface LoggerOptions {
  /** The least severe lines that are written (default: `info`). */
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** `auto` is `pretty` where the destination is a terminal, else `json` (default: `auto`). */
  readonly format?: 'auto' | 'json' | 'pretty'
  /** Details that every line carries: app and role. */
  readonly base?: Readonly<Record<string, unknown>>
  /** Where lines go (default: the process's standard output, written at once so that a crash loses none). */
  readonly destination?: DestinationStream & { readonly isTTY?: boolean }
}

/** Makes a logger. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true })
  const onTerminal = options.destination === undefined ? process.stdout.isTTY : options.destination.isTTY === true
  const pretty = options.format === 'pretty' || (options.format !== 'json' && onTerminal)
  const stream = pretty ? { write: (line: string) => destination.write(prettyLine(line)) } : destination
  return redacting(
    pino(
      {
        level: options.level ?? 'info',
        base: redact(options.base ?? null) as Record<string, unknown> | null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        // `redact` has turned errors into plain data; pino's own serializer would drop what it keeps.
        serializers: { err: (error: unknown) => error },
      },
      stream,
    ),
  )
}

function redacting(target: PinoLogger): Logger {
  const details = (given: LogDetails): Record<string, unknown> => redact(given) as Record<string, unknown>
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (given: LogDetails, message: string) => {
    if (target.isLevelEnabled(level)) target[level](details(given), redact(message) as string)
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (bindings) => redacting(target.child(details(bindings))),
  }
}
