import { expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import type { Projection } from '../definition/define-projection.ts'
import { defineTopic } from '../definition/define-topic.ts'
import { send } from '../definition/send.ts'
import { interleavings } from './interleavings.ts'
import { projectionSpec } from './projection-spec.ts'

interface Noted {
  readonly id: string
  readonly text: string
}

const Noted = defineEvent<'Noted', Noted>('Noted', 'spec.Noted', {
  type: 'record',
  name: 'Noted',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'text', type: 'string' },
  ],
})
const left = defineTopic({ name: 'spec.left', key: 'id', events: [Noted] })
const right = defineTopic({ name: 'spec.right', key: 'id', events: [Noted] })

/** A projection whose row is made by `evolve`; typed by hand, since this package has no models of its own. */
function projection(evolve: (row: { texts: string[] }, event: { data: Noted }) => unknown): Projection {
  const table = { key: ({ data }: { data: Noted }) => data.id, initial: { texts: [] }, evolve: { Noted: evolve } }
  return {
    kind: 'projection',
    name: 'spec',
    version: 1,
    from: [left, right],
    ignore: [],
    tables: { Note: table },
  }
}

const events = [
  send(left, Noted({ id: '1', text: 'a' })),
  send(right, Noted({ id: '1', text: 'b' })),
  send(left, Noted({ id: '1', text: 'c' })),
]
const expected = { Note: [{ id: '1', texts: ['a', 'b', 'c'] }] } as object

it('passes a fold whose row is the same in every order of the topics', () => {
  const sorted = projection((row, { data }) => ({ ...row, texts: [...row.texts, data.text].toSorted() }))
  projectionSpec(sorted).given(events.slice(0, 1)).when(events.slice(1)).then(expected)
})

it('fails a fold whose row depends on the order of the topics, and names the order', () => {
  const appended = projection((row, { data }) => ({ ...row, texts: [...row.texts, data.text] }))
  expect(() => projectionSpec(appended).when(events).then(expected)).toThrow(/other rows than expected after Noted/)
})

it('tells a row too many, a field too many and a row too few', () => {
  const sorted = projection((row, { data }) => ({ ...row, texts: [...row.texts, data.text].toSorted() }))
  const spec = projectionSpec(sorted).when(events)
  expect(() => spec.then({ Note: [] } as object)).toThrow(/other rows/)
  expect(() => spec.then({ Note: [{ id: '1' }] } as object)).toThrow(/other rows/)
  expect(() => spec.then({ Note: [{ id: '1', texts: ['a', 'b', 'c'] }, { id: '2' }] } as object)).toThrow(/other rows/)
})

it('refuses data that is not of its schema', () => {
  const wrong = send(left, Noted({ id: '1', text: 7 as unknown as string }))
  expect(() =>
    projectionSpec(projection((row) => row))
      .when([wrong])
      .then({}),
  ).toThrow(/Noted/)
})

it('gives every order that keeps each lane, and a repeatable sample where there are too many', () => {
  const orders = interleavings([
    ['a', 'b'],
    ['1', '2'],
  ]).map((order) => order.join(''))
  expect(orders.toSorted()).toEqual(['12ab', '1a2b', '1ab2', 'a12b', 'a1b2', 'ab12'].toSorted())
  const many = Array.from({ length: 4 }, (_, lane) => [`${lane}a`, `${lane}b`, `${lane}c`])
  expect(interleavings(many, 50)).toHaveLength(50)
  expect(interleavings(many, 50)).toEqual(interleavings(many, 50))
})
