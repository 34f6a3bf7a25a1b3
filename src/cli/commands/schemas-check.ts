// `millrace schemas check`: do the schemas of now go together with those of before? Avro's rules, and what Avro lets through.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  COMPATIBILITY_LEVELS,
  type CompatibilityLevel,
} from '../../../embedded/registry/compatibility/compatibility-levels.ts'
import type { Settings } from '../../config/settings.ts'
import { checkSchemas } from '../../schema/check/check-schemas.ts'
import { formatFindings } from '../../schema/check/format-findings.ts'
import { readBaseline } from '../../schema/check/read-baseline.ts'
import type { SchemaFile } from '../../schema/check/schema-finding.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { openSettings } from '../open-project.ts'
import { readTextOption } from '../read-text-option.ts'
import { usageError } from '../usage-error.ts'
import { stackEnvironment } from '../with-project.ts'

const levels = Object.keys(COMPATIBILITY_LEVELS) as CompatibilityLevel[]

export const schemasCheck: Command = {
  name: 'schemas check',
  summary: 'Checks schemas/*.avsc against those of a git revision or of the registry: who breaks, and the fix.',
  description:
    'Exit code 1 when a change breaks somebody. BACKWARD: new readers read old data. FORWARD: readers of before read new data.\nFULL: both. A level that ends in _TRANSITIVE is checked against every version of the registry, not only the last.',
  options: {
    against: {
      type: 'string',
      value: '<git:ref|registry>',
      description: 'What to compare with: git:main, git:v1.2.0, or registry.',
    },
    level: { type: 'string', value: '<level>', description: `${levels.join(', ')} (default: BACKWARD).` },
  },
  run: async (invocation) => {
    const { directory, json, print } = invocation
    const against = readTextOption(invocation, 'against')
    if (against === null) throw usageError('say what to compare with: --against git:main, or --against registry')
    const level = readLevel(readTextOption(invocation, 'level') ?? 'BACKWARD')
    const current = await readSchemaFiles(directory)
    const baseline = await readBaseline({
      against,
      current,
      level,
      git: async (args) => (await promisify(execFile)('git', [...args], { cwd: directory })).stdout,
      registryUrl:
        against === 'registry' ? registryUrl(await openSettings(directory, await stackEnvironment(invocation))) : '',
      fetch: globalThis.fetch,
    })
    const findings = checkSchemas({ current, baseline, level })
    const errors = findings.filter(({ severity }) => severity === 'error').length
    if (json) print(jsonText({ against, level, schemas: current.length, baseline: baseline.length, findings }))
    else {
      for (const line of formatFindings(findings)) print(line)
      print(
        `${current.length} schemas against ${baseline.length} of ${against} at ${level}: ${errors} errors, ${findings.length - errors} warnings`,
      )
    }
    return errors > 0 ? exitCodes.failed : exitCodes.done
  },
}

function readLevel(text: string): CompatibilityLevel {
  const level = levels.find((each) => each === text.toUpperCase())
  if (level !== undefined) return level
  throw usageError(`--level: expected one of ${levels.join(', ')}, received '${text}'`)
}

async function readSchemaFiles(directory: string): Promise<readonly SchemaFile[]> {
  const names = await readdir(join(directory, 'schemas')).catch(() => {
    throw usageError(`${directory} has no folder schemas/: go to the project's folder`)
  })
  return Promise.all(
    names
      .filter((name) => name.endsWith('.avsc'))
      .sort()
      .map(async (name) => ({
        file: `schemas/${name}`,
        text: await readFile(join(directory, 'schemas', name), 'utf8'),
      })),
  )
}

function registryUrl({ schemaRegistryUrl, schemaRegistryUsername, schemaRegistryPassword }: Settings): string {
  if (schemaRegistryUrl === null)
    throw usageError(
      'no registry is known: run `npx millrace start` here in another terminal, or set SCHEMA_REGISTRY_URL',
    )
  const url = new URL(schemaRegistryUrl)
  if (schemaRegistryUsername !== null && schemaRegistryPassword !== null) {
    url.username = encodeURIComponent(schemaRegistryUsername)
    url.password = encodeURIComponent(schemaRegistryPassword)
  }
  return url.href
}
