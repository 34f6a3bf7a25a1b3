// The command line that the Prisma CLI gives its schema engine.

/** Where the CLI says the database is. */
export interface Datasource {
  readonly url?: string
  readonly shadowDatabaseUrl?: string
}

export interface EngineArguments {
  readonly datamodels: readonly string[]
  readonly datasource: Datasource
  /** `can-connect-to-database`, `create-database`, `drop-database`, or none to serve JSON-RPC. */
  readonly command?: string
  readonly version: boolean
}

/** Reads the arguments; those that do not matter here are passed over. */
export function engineArguments(argv: readonly string[]): EngineArguments {
  const datamodels: string[] = []
  let datasource: Datasource = {}
  let command: string | undefined
  let version = false
  for (let index = 0; index < argv.length; index++) {
    const next = argv[index + 1] ?? ''
    if (argv[index] === '--datamodels') datamodels.push(next)
    if (argv[index] === '--datasource') datasource = JSON.parse(next) as Datasource
    if (argv[index] === 'cli') command = next
    if (argv[index] === '--version' || argv[index] === '-V') version = true
  }
  return { datamodels, datasource, version, ...(command !== undefined && { command }) }
}
