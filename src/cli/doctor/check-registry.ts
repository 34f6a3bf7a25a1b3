// Looks at the registry: does it answer, and does it know the schema of every event on every topic? It only asks; registering is
// for `millrace migrate`.
import type { Settings } from '../../config/settings.ts'
import type { AnyTopic } from '../../definition/define-topic.ts'
import type { AnyEventType } from '../../definition/event-type.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Finding } from './finding.ts'

export type RegistrySettings = Pick<
  Settings,
  'schemaRegistryUrl' | 'schemaRegistryUsername' | 'schemaRegistryPassword' | 'topicPrefix'
>

type Fetch = (url: string, init: RequestInit) => Promise<Response>

const TIMEOUT_MS = 10_000

export async function checkRegistry(
  settings: RegistrySettings,
  topics: readonly AnyTopic[],
  fetch: Fetch,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let known = 0
  for (const topic of topics) {
    for (const event of topic.events as readonly AnyEventType[]) {
      const subject = `${settings.topicPrefix}${topic.name}-${event.fullName}`
      let answer: 'known' | 'unknown'
      try {
        answer = await lookUp(settings, subject, event, fetch)
      } catch (error) {
        const reason = messageOf(error)
        const fix = 'start the registry, or correct SCHEMA_REGISTRY_URL and its username and password'
        return [{ subject: 'registry', state: 'fail', detail: `it does not answer as it should: ${reason}`, fix }]
      }
      if (answer === 'known') known += 1
      else
        findings.push({
          subject: `subject ${subject}`,
          state: 'fail',
          detail: 'the schema of now is not registered',
          fix: 'run `millrace migrate`, which registers it; `millrace schemas check --against registry` first',
        })
    }
  }
  return [{ subject: 'registry', state: 'ok', detail: `reached; ${known} schemas are registered` }, ...findings]
}

async function lookUp(
  settings: RegistrySettings,
  subject: string,
  event: AnyEventType,
  fetch: Fetch,
): Promise<'known' | 'unknown'> {
  const url = new URL(settings.schemaRegistryUrl ?? '')
  const name = settings.schemaRegistryUsername ?? decodeURIComponent(url.username)
  const password = settings.schemaRegistryPassword ?? decodeURIComponent(url.password)
  // fetch refuses a URL that holds credentials.
  url.username = ''
  url.password = ''
  const response = await fetch(`${url.href.replace(/\/+$/, '')}/subjects/${encodeURIComponent(subject)}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(name === '' ? {} : { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }),
    },
    body: JSON.stringify({ schema: JSON.stringify(event.schema) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.ok) return 'known'
  const { error_code: code } = (await response.json().catch(() => ({}))) as { error_code?: unknown }
  // Confluent's codes for an unknown subject and an unknown schema; another 404 is no registry.
  if (code === 40_401 || code === 40_403) return 'unknown'
  throw new Error(`status ${response.status}${typeof code === 'number' ? `, error code ${code}` : ''}`)
}
