import { describe, expect, it } from 'vitest'
import { defineEvent, defineProcessor, defineProjection, defineTopic, defineWorker } from '../index.ts'
import type { Definitions } from './definitions.ts'
import { validateDefinitions } from './validate-definitions.ts'

const Opened = defineEvent<'Opened', { readonly id: string }>('Opened', 'test.v1.Opened', {})
const Closed = defineEvent<'Closed', { readonly id: string }>('Closed', 'test.v1.Closed', {})
const doors = defineTopic({ name: 'test.doors', key: 'id', events: [Opened, Closed] })

const none: Definitions = { topics: [], producers: [], projections: [], processors: [], workers: [], queries: [] }
const problemsOf = (definitions: Partial<Definitions>, models: string[] = []): string => {
  try {
    validateDefinitions(
      { ...none, ...definitions },
      models.map((name) => ({ name })),
    )
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('validateDefinitions', () => {
  it('accepts a sound project', () => {
    const worker = defineWorker({ name: 'porter', from: [doors], ignore: ['Closed'], handle: { Opened: () => [] } })
    expect(problemsOf({ topics: [doors], workers: [worker] })).toBe('')
  })

  it('finds a key that is no field of an event', () => {
    const Rung = defineEvent<'Rung', { readonly id: string }>('Rung', 'test.v1.Rung', {
      type: 'record',
      name: 'Rung',
      fields: [{ name: 'id', type: 'string' }],
    })
    const bells = defineTopic({ name: 'test.bells', key: 'id', events: [Rung] })
    expect(problemsOf({ topics: [bells] })).toBe('')
    expect(problemsOf({ topics: [{ ...bells, key: 'di' }] })).toContain(
      'topic test.bells: its key is di, which is no field of Rung; it has id',
    )
  })

  it('reports all problems at once, each with its place', () => {
    const stray = defineTopic({
      name: 'Test Doors',
      key: 'id',
      events: [Opened],
      partitions: 0,
      cleanup: 'compact',
      retentionMs: 5,
    })
    const worker = defineWorker({
      name: 'Porter_1',
      from: [doors],
      ignore: ['Closed'],
      concurrency: 0,
      timeoutMs: 0,
      retryDelaysMs: [-1],
      handle: { Opened: () => [] },
    })
    const problems = problemsOf({ topics: [stray], workers: [worker] })
    expect(problems).toContain('topic Test Doors: a topic name is lower case')
    expect(problems).toContain('partitions is 0; expected a whole number from 1 to 1,000')
    expect(problems).toContain('take retentionMs away')
    expect(problems).toContain('worker Porter_1: a name is kebab case')
    expect(problems).toContain('names topic test.doors, which is not the default export of a file in schemas/topics/')
    expect(problems).toContain('concurrency is 0')
    expect(problems).toContain('timeoutMs is 0')
    expect(problems).toContain('retryDelaysMs is [-1]')
    expect(problems).toMatch(/^8 problems/)
  })

  it('asks for a handler of every event that is not ignored', () => {
    const processor = defineProcessor({
      name: 'hall',
      from: [doors],
      to: [doors],
      on: { Opened: () => [], Closed: () => [] },
    })
    const broken = { ...processor, on: { Opened: () => [], Melted: () => [] } }
    const problems = problemsOf({ topics: [doors], processors: [broken] })
    expect(problems).toContain('on has no handler for Closed; write one, or put the name into `ignore`')
    expect(problems).toContain('on handles Melted, which none of its topics carries')
  })

  it('gives every model one owner that exists in the Prisma schema', () => {
    const projection = defineProjection({ name: 'doors', from: [doors], ignore: ['Opened', 'Closed'], tables: {} })
    const table = { key: () => null, initial: {}, evolve: {} }
    const first = { ...projection, tables: { Door: table } }
    const second = { ...projection, name: 'doors-again', tables: { Door: table, Gone: table } }
    const problems = problemsOf({ topics: [doors], projections: [first, second] }, ['Door'])
    expect(problems).toContain('model Door is already written by projection doors')
    expect(problems).toContain('prisma/schema.prisma has no model Gone')
  })

  it('keeps the state of a processor on co-partitioned topics', () => {
    const gates = defineTopic({ name: 'test.gates', key: 'id', events: [Opened], partitions: 3, partitioner: 'any' })
    const processor = defineProcessor({
      name: 'hall',
      from: [doors, gates],
      to: [doors],
      on: { Opened: () => [], Closed: () => [] },
    })
    const table = { key: () => null, initial: {}, evolve: { Opened: () => null, Closed: () => null } }
    const problems = problemsOf({ topics: [doors, gates], processors: [{ ...processor, state: { Door: table } }] }, [
      'Door',
    ])
    expect(problems).toContain('test.gates has 3, test.doors has 12')
    expect(problems).toContain("test.gates must not say partitioner: 'any'")
  })

  it('gives every consumer a group of its own', () => {
    const worker = defineWorker({ name: 'porter', from: [doors], ignore: ['Closed'], handle: { Opened: () => [] } })
    const processor = defineProcessor({
      name: 'porter',
      from: [doors],
      to: [doors],
      on: { Opened: () => [], Closed: () => [] },
    })
    expect(problemsOf({ topics: [doors], workers: [worker], processors: [processor] })).toContain('names are groups')
  })
})
