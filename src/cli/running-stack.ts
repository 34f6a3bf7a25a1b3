// Where the embedded stack of a folder serves: `millrace start` writes it down, the other commands read it, so that they need no
// settings. The file goes when the stack stops; one that a killed stack left behind names ports where nobody answers.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Environment variables that reach the running stack. */
export type StackEnvironment = Readonly<Record<string, string>>

function fileOf(dataDirectory: string): string {
  return join(dataDirectory, 'running.json')
}

/** Writes down where the stack serves. Secrets are in it, so only its owner can read it. */
export async function writeRunningStack(dataDirectory: string, environment: StackEnvironment): Promise<void> {
  await mkdir(dirname(fileOf(dataDirectory)), { recursive: true })
  await writeFile(fileOf(dataDirectory), `${JSON.stringify(environment, null, 2)}\n`, { mode: 0o600 })
}

/** Where the stack of a data folder serves; empty where none runs. */
export async function readRunningStack(dataDirectory: string): Promise<StackEnvironment> {
  try {
    return JSON.parse(await readFile(fileOf(dataDirectory), 'utf8')) as StackEnvironment
  } catch {
    return {}
  }
}

/** Forgets it. */
export async function removeRunningStack(dataDirectory: string): Promise<void> {
  await rm(fileOf(dataDirectory), { force: true })
}
