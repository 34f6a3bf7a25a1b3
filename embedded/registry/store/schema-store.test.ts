import { expect, test } from 'vitest'
import type { JournalEntry } from './journal-entry.ts'
import { SchemaStore } from './schema-store.ts'

const version = (subject: string, number: number, id: number, schema: string): JournalEntry => ({
  key: { keytype: 'SCHEMA', subject, version: number, magic: 1 },
  value: { subject, version: number, id, schema, deleted: false },
})

test('what the journal does not take is not in the state either', () => {
  const entries: JournalEntry[] = [version('a', 1, 1, '"int"')]
  const store = new SchemaStore({
    entries,
    append: () => {
      throw new Error('the disk is full')
    },
    close: () => undefined,
  })
  expect(() => store.write(version('a', 2, 2, '"long"'))).toThrow('the disk is full')
  expect(store.versions('a', true)).toHaveLength(1)
  expect([store.nextId(), store.content(2)]).toEqual([2, undefined])
})

test('a journal in which versions, deletions and settings follow one another gives the last word of each', () => {
  const entries: JournalEntry[] = [
    { key: { keytype: 'NOOP', magic: 0 }, value: null },
    { key: { keytype: 'CONFIG', subject: 'a', magic: 0 }, value: { subject: 'a', compatibilityLevel: 'FULL' } },
    version('a', 1, 1, '"int"'),
    version('b', 1, 1, '"int"'),
    version('a', 2, 2, '"long"'),
    { key: { keytype: 'DELETE_SUBJECT', subject: 'a', magic: 0 }, value: { subject: 'a', version: 1 } },
    { key: { keytype: 'CONFIG', subject: 'a', magic: 0 }, value: null },
    { key: { keytype: 'SCHEMA', subject: 'a', version: 1, magic: 1 }, value: null },
    { key: { keytype: 'SCHEMA', subject: 'a', version: 2, magic: 1 }, value: null },
  ]
  const store = new SchemaStore({ entries, append: () => undefined, close: () => undefined })
  expect(store.subjects(true)).toEqual(['b'])
  expect(store.content(1)).toEqual({ schema: '"int"', references: [] })
  // The id of a schema that is gone for good means nothing any more, and is not given again.
  expect([store.content(2), store.idOf({ schema: '"long"', references: [] }), store.nextId()]).toEqual([
    undefined,
    undefined,
    3,
  ])
  expect(store.level('a')).toBeUndefined()
})
