import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions, type AssignableMember, type Assignment } from './assign-partitions.ts'

const member = (
  memberId: string,
  topics: readonly string[],
  owned: Assignment = {},
  generation = 1,
): AssignableMember => ({
  memberId,
  topics,
  owned,
  generation,
})

describe('assignPartitions', () => {
  it('gives partition n of all topics with one count to one member', () => {
    const counts = new Map([
      ['a', 6],
      ['b', 6],
      ['c', 4],
    ])
    const members = ['x', 'y', 'z'].map((id) => member(id, ['a', 'b', 'c']))
    const assignments = assignPartitions(members, counts)
    for (const { a, b } of assignments.values()) expect(a).toEqual(b)
    expect([...assignments.values()].flatMap(({ c }) => c ?? []).sort((x, y) => x - y)).toEqual([0, 1, 2, 3])
  })

  it('keeps what a member has when another joins, as far as the balance allows', () => {
    const counts = new Map([['a', 6]])
    const before = assignPartitions([member('x', ['a']), member('y', ['a'])], counts)
    const members = ['x', 'y'].map((id) => member(id, ['a'], before.get(id)))
    const after = assignPartitions([...members, member('w', ['a'])], counts)
    for (const id of ['x', 'y']) {
      for (const partition of after.get(id)?.['a'] ?? []) expect(before.get(id)?.['a']).toContain(partition)
    }
    expect(after.get('w')?.['a']).toHaveLength(2)
  })

  it('believes the newer of two claims', () => {
    const stale = member('x', ['a'], { a: [0, 1] }, 1)
    const fresh = member('y', ['a'], { a: [1] }, 2)
    expect(assignPartitions([stale, fresh], new Map([['a', 2]])).get('y')).toEqual({ a: [1] })
  })

  it('gives members topics that they subscribe only', () => {
    const assignments = assignPartitions(
      [member('old', ['a']), member('new', ['a', 'b'])],
      new Map([
        ['a', 2],
        ['b', 2],
      ]),
    )
    expect(assignments.get('old')?.['b']).toBeUndefined()
    expect(assignments.get('new')?.['b']).toEqual([0, 1])
  })

  it('assigns every partition once and evenly, whatever was owned before', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
    const owned = fc.array(fc.nat(30), { maxLength: 12 })
    fc.assert(
      fc.property(
        ids,
        fc.array(owned, { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 24 }),
        (ids, claims, count) => {
          const members = ids.map((id, index) => member(id, ['a', 'b'], { a: claims[index] ?? [] }, index))
          const assignments = assignPartitions(
            members,
            new Map([
              ['a', count],
              ['b', count],
            ]),
          )
          const sizes = ids.map((id) => assignments.get(id)?.['a']?.length ?? 0)
          expect([...assignments.values()].flatMap(({ a }) => a ?? []).sort((x, y) => x - y)).toEqual(
            Array.from({ length: count }, (_, index) => index),
          )
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})
