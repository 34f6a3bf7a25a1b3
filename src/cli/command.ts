// What a command of the CLI is, and what it is given: its effects are arguments, so that a test can run it.

/** One option of a command, for parsing and for --help. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly description: string
  /** What stands for the value in --help: `<time>`. */
  readonly value?: string
}

/** How a command was called, and where it writes. */
export interface Invocation {
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  /** --json was given: print one JSON document, or one JSON object a line for what goes on. */
  readonly json: boolean
  /** A line for people or a JSON line, on standard output. */
  readonly print: (line: string) => void
  /** A line on standard error: progress, warnings. */
  readonly note: (line: string) => void
  /** All of standard input as text. */
  readonly readInput: () => Promise<string>
  /** Standard output is a terminal: progress bars and live tables make sense. */
  readonly interactive: boolean
  readonly env: NodeJS.ProcessEnv
  /** The project's folder. */
  readonly directory: string
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

/** A command: `millrace <noun> <verb>`, or one word. */
export interface Command {
  /** `topics list`. */
  readonly name: string
  /** What stands behind the name in --help: `<projection>`. */
  readonly arguments?: string
  readonly summary: string
  /** More for --help, where a sentence is not enough. */
  readonly description?: string
  readonly options?: Readonly<Record<string, CommandOption>>
  /** Resolves with the exit code: see exitCodes. */
  readonly run: (invocation: Invocation) => Promise<number>
}

/** Exit codes of every command. */
export const exitCodes = {
  /** It did what it was asked. */
  done: 0,
  /** It ran, and what it looked at is not well, or it failed. */
  failed: 1,
  /** It was called wrongly, or a setting or a definition is wrong: nothing was done. */
  usage: 2,
  /** Kafka, the registry or the database cannot be reached: the same call may succeed later. */
  unavailable: 3,
} as const
