import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { RichSampleData } from '../../tests/schemas/sample/generated/rich-sample.ts'
import { RichSample } from '../../tests/schemas/sample/generated/rich-sample.ts'
import { defineTopic } from '../definition/define-topic.ts'
import { EventCodec } from './event-codec.ts'
import { generateTypes } from './generate-types.ts'
import { checkDrift } from './check-drift.ts'
import { writeGenerated } from './write-generated.ts'
import { loadSchemas } from './load-schemas.ts'
import { SchemaDecoder } from './schema-decoder.ts'

const sample = fileURLToPath(new URL('../../tests/schemas/sample', import.meta.url))
const folders: string[] = []

async function copyOfSample(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-generate-'))
  folders.push(folder)
  await cp(sample, folder, { recursive: true })
  return folder
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

const data: RichSampleData = {
  flag: true,
  small: 1,
  large: 2n ** 60n,
  exact: 2 ** 50,
  exactOrNull: null,
  single: 0.5,
  double: 0.1,
  text: 'text',
  uuid: '6f2bd9c4-a5c8-4f5e-9a1f-0f3a7f0c2e11',
  bytes: new Uint8Array([1]),
  hash: new Uint8Array([1, 2, 3, 4]),
  price: '12.50',
  at: new Date(1),
  atMicros: new Date(-1),
  day: new Date(86_400_000),
  color: 'RED',
  parts: [{ name: 'a', inside: { name: 'b', inside: null } }],
  tags: [null, 'x'],
  grid: [[1, 2], []],
  attributes: { a: 'b' },
  note: null,
  place: { partition: 1, offset: 5n },
  result: { BadResult: { reason: 'GREEN' } },
}

describe('generated code', () => {
  it('is what stands in the repository, where the compiler reads it', async () => {
    expect(await checkDrift(generateTypes(await loadSchemas(sample)), join(sample, 'generated'))).toStrictEqual([])
  })

  it('has types that are those of the codec', async () => {
    expectTypeOf<RichSampleData['result']>().toEqualTypeOf<
      | { readonly GoodResult: { readonly value: number } }
      | { readonly BadResult: { readonly reason: 'RED' | 'GREEN' } }
      | null
    >()
    expectTypeOf<RichSampleData['exactOrNull']>().toEqualTypeOf<number | null>()
    const codec = new EventCodec()
    const event = RichSample(data)
    const bytes = codec.encode(RichSample, 3, event.data)
    const decoder = new SchemaDecoder({
      registry: { fetchSchema: () => Promise.resolve(RichSample.schema) },
      now: () => 0,
    })
    await decoder.prepare([bytes])
    const topic = defineTopic({ name: 't', key: 'text', events: [RichSample] })
    expect(decoder.decode(topic, bytes).data).toStrictEqual(data)
    const json: unknown = JSON.parse(JSON.stringify(codec.toJson(RichSample, data)))
    expect(codec.fromJson(RichSample, json)).toStrictEqual({ data, problems: [] })
  })

  it('cannot be left by a doc that tries to end its comment', async () => {
    const [file] = generateTypes(await loadSchemas(sample))
    expect(file?.text).toContain(' * A doc may try to end its comment: *\\/ it does not.')
  })

  it('drifts when a schema changes, and is brought up to date', async () => {
    const folder = await copyOfSample()
    const generated = join(folder, 'generated')
    const part = join(folder, 'sample-part.avsc')
    await writeFile(
      part,
      (await readFile(part, 'utf8')).replace(
        '"SamplePart",\n  "namespace"',
        '"SamplePart",\n  "doc": "A part.",\n  "namespace"',
      ),
    )
    await writeFile(join(generated, 'by-hand.ts'), 'export const mine = 1\n')
    await cp(join(generated, 'sample-part.ts'), join(generated, 'gone.ts'))
    const files = generateTypes(await loadSchemas(folder))
    const problems = (await checkDrift(files, generated)).map(
      ({ path, problem }) => `${path.slice(generated.length + 1)} ${problem}`,
    )
    expect(problems).toStrictEqual(['rich-sample.ts changed', 'sample-part.ts changed', 'gone.ts left over'])
    await writeGenerated(files, generated)
    expect(await checkDrift(files, generated)).toStrictEqual([])
    expect(await readFile(join(generated, 'by-hand.ts'), 'utf8')).toBe('export const mine = 1\n')
  })
})
