// What `millrace start` prints when everything serves: where, and lines to copy that work as they stand.
import type { Definitions } from '../definition/definitions.ts'
import { kebabCase } from '../definition/kebab-case.ts'
import { modelsOf } from '../definition/models-of.ts'

export interface Addresses {
  readonly http: string
  readonly kafka: string
  readonly registry: string
  readonly postgres: string
  /** The admin token when it was made just now; people are told once, then it stands in its file. */
  readonly newAdminToken: string | null
  readonly adminTokenFile: string | null
}

/** The banner. */
export function banner(app: string, addresses: Addresses, definitions: Definitions): string {
  const places = [
    ['http', `${addresses.http}  (API page at ${addresses.http}/docs)`],
    ['kafka', addresses.kafka],
    ['registry', addresses.registry],
    ['postgres', addresses.postgres],
  ]
  if (addresses.newAdminToken !== null)
    places.push(['admin', `bearer token ${addresses.newAdminToken}, kept in ${addresses.adminTokenFile}`])
  const tries: string[] = []
  for (const { source } of definitions.producers) {
    if (source.kind !== 'http' || source.example === undefined) continue
    tries.push(
      `curl -s -X POST ${addresses.http}${source.path} -H 'content-type: application/json' -d '${JSON.stringify(source.example).replaceAll("'", String.raw`'\''`)}'`,
    )
  }
  for (const model of definitions.projections.flatMap(modelsOf).slice(0, 2))
    tries.push(`curl -s ${addresses.http}/models/${kebabCase(model)}`)
  tries.push('npx millrace consumers status', 'npx millrace doctor')
  const width = Math.max(...places.map(([name]) => name?.length ?? 0))
  return [
    '',
    `${app} is ready. Ctrl-C ends it; its data stays.`,
    '',
    ...places.map(([name, place]) => `  ${(name ?? '').padEnd(width)}  ${place}`),
    '',
    'Try, in another terminal:',
    '',
    ...tries.map((line) => `  ${line}`),
    '',
  ].join('\n')
}
