// Stands in for Prisma's native schema engine, so that `prisma migrate` works with what npm installs. Speaks what the CLI
// speaks: a few commands with exit codes, else JSON-RPC in lines over stdin and stdout. Not supported: TypedSQL
// (`prisma generate --sql`). A program, not a module: importing it runs it.
import { createInterface } from 'node:readline'

import { engineArguments } from './engine-arguments.ts'
import { lastPanic, loadSchemaEngine, schemaEngineCommit, type SchemaEngine } from './load-schema-engine.ts'
import { databaseOf, dropDatabase, givenUrl, makeDatabase, runOn } from './server-access.ts'

interface Request {
  readonly id: unknown
  readonly method?: string
  readonly params?: {
    readonly datasource?: { readonly url?: string }
    readonly datasourceType?: { readonly url?: string }
    readonly script?: string
  }
}

/** Prisma's codes for what Postgres and the network say. */
const prismaCodes: Readonly<Record<string, string>> = {
  '3D000': 'P1003',
  '28P01': 'P1000',
  '28000': 'P1010',
  '42P04': 'P1009',
  ECONNREFUSED: 'P1001',
  ENOTFOUND: 'P1001',
  ETIMEDOUT: 'P1002',
}

const args = engineArguments(process.argv.slice(2))

if (args.version) {
  process.stdout.write(`schema-engine-cli ${schemaEngineCommit()}\n`)
} else if (args.command !== undefined) {
  await runCommand(args.command)
} else {
  await serve()
}

async function runCommand(command: string): Promise<void> {
  // The CLI passes over the first line.
  process.stderr.write('\n')
  try {
    const url = givenUrl(args.datasource.url)
    if (command === 'can-connect-to-database') await runOn(url)
    else if (command === 'create-database') await makeDatabase(url, databaseOf(url))
    else if (command === 'drop-database') await dropDatabase(url, databaseOf(url))
    else throw new Error(`the schema engine has no command ${command}`)
  } catch (error) {
    const { message, code } = inspect(error)
    const fields = { message, ...(code !== undefined && { error_code: code, is_panic: false }) }
    const line = { timestamp: new Date().toISOString(), level: 'ERROR', target: 'schema_engine::logger', fields }
    process.stderr.write(`${JSON.stringify(line)}\n`)
    process.exitCode = 1
  }
}

async function serve(): Promise<void> {
  let loading: Promise<SchemaEngine> | undefined
  const engine = async (): Promise<SchemaEngine> => (loading ??= loadSchemaEngine(args))
  // One request after the other, in the order in which they come.
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue
    const request = JSON.parse(line) as Request
    // An answer to something we printed.
    if (request.method === undefined) continue
    send(await answer(request.method, request, engine))
  }
  process.exit(0)
}

async function answer(method: string, { id, params }: Request, engine: () => Promise<SchemaEngine>): Promise<object> {
  try {
    return { jsonrpc: '2.0', id, result: await call(method, params, engine) }
  } catch (error) {
    const { message, code } = inspect(error)
    const meta = (error as { meta?: unknown } | null)?.meta ?? null
    const data = {
      is_panic: lastPanic.message !== undefined,
      message: lastPanic.message ?? message,
      ...(code !== undefined && { error_code: code }),
      meta,
    }
    return {
      jsonrpc: '2.0',
      id,
      error: { code: 4466, message: 'An error happened. Check the data field for details.', data },
    }
  }
}

async function call(method: string, params: Request['params'], engine: () => Promise<SchemaEngine>): Promise<unknown> {
  const url = params?.datasource?.url ?? params?.datasourceType?.url ?? args.datasource.url
  switch (method) {
    case 'createDatabase': {
      await makeDatabase(givenUrl(url), databaseOf(givenUrl(url)))
      return { databaseName: databaseOf(givenUrl(url)) }
    }
    case 'dbExecute':
      await runOn(givenUrl(url), params?.script)
      return null
    case 'ensureConnectionValidity':
      await runOn(givenUrl(url))
      return {}
    case 'getDatabaseVersion':
      return (await engine())['version']?.(params)
    case 'diff': {
      const { exitCode, stdout } = (await invoke(await engine(), method, params)) as {
        exitCode: number
        stdout?: string
      }
      if (stdout !== undefined && stdout !== null) {
        send({ jsonrpc: '2.0', id: 'print', method: 'print', params: { content: stdout } })
      }
      return { exitCode, stdout: null }
    }
    default:
      return invoke(await engine(), method, params)
  }
}

async function invoke(engine: SchemaEngine, method: string, params: unknown): Promise<unknown> {
  if (method === 'introspectSql' || typeof engine[method] !== 'function') {
    throw new Error(`the schema engine of Millrace does not support ${method}`)
  }
  return (await engine[method](params)) ?? null
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** The engine hides a message and a code as JSON in an error's message. */
function inspect(error: unknown): { message: string; code: string | undefined } {
  const thrown = error as { message?: string; code?: string } | null
  const message = thrown?.message ?? String(error)
  const code = thrown?.code === undefined ? undefined : (prismaCodes[thrown.code] ?? thrown.code)
  try {
    const hidden = JSON.parse(message) as { message?: string; error_code?: string }
    return { message: hidden.message ?? message, code: hidden.error_code ?? code }
  } catch {
    return { message, code }
  }
}
