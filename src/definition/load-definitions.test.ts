import { describe, expect, it } from 'vitest'
import { defineEvent, defineTopic, defineWorker } from '../index.ts'
import { loadDefinitions } from './load-definitions.ts'

const Opened = defineEvent<'Opened', { readonly id: string }>('Opened', 'test.v1.Opened', {})
const doors = defineTopic({ name: 'test.doors', key: 'id', events: [Opened] })
const porter = defineWorker({ name: 'porter', from: [doors], handle: { Opened: () => [] } })

const project = (files: Record<string, Record<string, unknown> | Error>): Parameters<typeof loadDefinitions>[0] => ({
  list: (folder) => Promise.resolve(Object.keys(files).filter((path) => path.startsWith(`${folder}/`))),
  load: (path) => {
    const file = files[path] ?? {}
    return file instanceof Error ? Promise.reject(file) : Promise.resolve(file)
  },
})

describe('loadDefinitions', () => {
  it('finds definitions by folder and leaves plain modules, tests and generated files alone', async () => {
    const found = await loadDefinitions(
      project({
        'schemas/topics/doors.ts': { default: doors },
        'consumers/workers/porter.ts': { default: porter },
        'consumers/workers/porter.test.ts': new Error('a test is not loaded'),
        'consumers/workers/bell/ring.ts': { ring: () => 'ding' },
      }),
    )
    expect(found.topics).toEqual([doors])
    expect(found.workers).toEqual([porter])
    expect(found.projections).toEqual([])
  })

  it('reports every file that is wrong, with what to do', async () => {
    const loading = loadDefinitions(
      project({
        'schemas/topics/doors.ts': new Error('Unexpected token'),
        'consumers/workers/doorman.ts': { default: porter },
        'producers/porter.ts': { default: porter },
        'queries/odd.ts': { default: 42 },
      }),
    )
    await expect(loading).rejects.toMatchObject({ code: 'MILLRACE_DEFINITIONS_INVALID' })
    await expect(loading).rejects.toThrow(/schemas\/topics\/doors\.ts: it does not load: Unexpected token/)
    await expect(loading).rejects.toThrow(/a definition has the name of its file, 'doorman'/)
    await expect(loading).rejects.toThrow(/producers\/porter\.ts: it defines a worker/)
    await expect(loading).rejects.toThrow(/queries\/odd\.ts: its default export is no query/)
  })
})
