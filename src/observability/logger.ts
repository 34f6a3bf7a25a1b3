// What the engine asks of a logger; pino's satisfies it. Messages are constant texts, what varies is in the details.

/** Details of one log line. `err` is written with its stack. */
export type LogDetails = Readonly<Record<string, unknown>>

/** Writes structured log lines. */
export interface Logger {
  debug(details: LogDetails, message: string): void
  info(details: LogDetails, message: string): void
  warn(details: LogDetails, message: string): void
  error(details: LogDetails, message: string): void
  /** A logger whose lines all carry the bindings. */
  child(bindings: LogDetails): Logger
}
