// The schemas that a registry holds for the records of this project: the latest version of each subject, or all of them. Other
// subjects of a registry that is shared are left alone.
import { messageOf } from '../../errors/message-of.ts'
import { MillraceError } from '../../errors/millrace-error.ts'
import type { BaselineSchema } from './schema-finding.ts'

export interface RegistryBaselineOptions {
  /** SCHEMA_REGISTRY_URL, with `user:password@` where the registry asks for them. */
  readonly url: string
  /** Full names of this project's records. Their subjects are `<topic>-<full name>`, or the full name itself. */
  readonly names: readonly string[]
  /** All versions instead of the latest, for a level that is transitive (default: false). */
  readonly everyVersion?: boolean
  readonly fetch: typeof globalThis.fetch
  /** How long one answer may take, in milliseconds (default: 10000). */
  readonly timeoutMs?: number
}

interface RegisteredVersion {
  readonly version: number
  readonly schema: string
  readonly references?: readonly { readonly subject: string; readonly version: number }[]
}

/**
 * The registered versions of the records named, oldest first within a subject.
 * @throws MillraceError MILLRACE_SCHEMA_BASELINE when the registry does not answer, or answers with an error
 */
export async function readRegistryBaseline(options: RegistryBaselineOptions): Promise<readonly BaselineSchema[]> {
  const subjects = (await get<string[]>(options, '/subjects')).filter((subject) =>
    options.names.some((name) => subject === name || subject.endsWith(`-${name}`)),
  )
  const bySubject = await Promise.all(subjects.map(async (subject) => readSubject(options, subject)))
  return bySubject.flat()
}

async function readSubject(options: RegistryBaselineOptions, subject: string): Promise<readonly BaselineSchema[]> {
  const path = `/subjects/${encodeURIComponent(subject)}/versions`
  const versions = options.everyVersion ? await get<number[]>(options, path) : ['latest']
  return Promise.all(
    versions.map(async (version) => {
      const found = await get<RegisteredVersion>(options, `${path}/${version}`)
      const references = await readReferences(options, found)
      const origin = `subject ${subject} version ${found.version}`
      return { origin, text: found.schema, references }
    }),
  )
}

// A reference's own references come before it, so that each text can be parsed with those before it.
async function readReferences(
  options: RegistryBaselineOptions,
  { references = [] }: RegisteredVersion,
): Promise<readonly string[]> {
  const texts = new Set<string>()
  for (const { subject, version } of references) {
    // One that was deleted softly is still needed by what refers to it.
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`
    const found = await get<RegisteredVersion>(options, path)
    for (const text of await readReferences(options, found)) texts.add(text)
    texts.add(found.schema)
  }
  return [...texts]
}

async function get<T>({ url, fetch, timeoutMs = 10_000 }: RegistryBaselineOptions, path: string): Promise<T> {
  const target = new URL(url.replace(/\/$/, '') + path)
  const { username, password } = target
  // fetch refuses a URL that holds credentials, and messages must not show them.
  target.username = ''
  target.password = ''
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const headers = username === '' ? {} : { authorization: `Basic ${credentials}` }
  const failed = (reason: string, cause?: unknown): MillraceError =>
    new MillraceError(
      'MILLRACE_SCHEMA_BASELINE',
      `the schema registry at ${target.origin} did not answer GET ${path}: ${reason}. Check SCHEMA_REGISTRY_URL, and that the registry runs.`,
      { retriable: true, cause },
    )
  let response: Response
  try {
    response = await fetch(target, { headers, signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    throw failed(messageOf(error), error)
  }
  if (!response.ok) throw failed(`status ${response.status}`)
  return (await response.json()) as T
}
