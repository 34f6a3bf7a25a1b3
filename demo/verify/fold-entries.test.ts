import { expect, it } from 'vitest'
import { requestId } from '../../schemas/request-id.ts'
import { requestIdOf } from '../request-id-of.ts'
import { foldEntries } from './fold-entries.ts'
import type { Models } from './fold-entries.ts'
import { plantFault } from './plant-fault.ts'
import type { LogEntry } from './read-topics.ts'
import type { RecordedData } from './recorded-data.ts'

const entry = (topic: string, offset: number, type: string, data: Partial<RecordedData>): LogEntry => ({
  topic,
  partition: 0,
  offset,
  key: data.userId ?? data.requestId ?? '',
  id: `${topic}-${offset}`,
  type,
  data: data as RecordedData,
})
const done = { requestId: 'r1', userId: 'ada', conversationId: 'c1', action: 'help', attempts: 1, requestedAt: 5 }
const entries = [
  entry('messages', 0, 'MessageReceived', { messageId: 'm1', userId: 'ada', conversationId: 'c1', receivedAt: 5 }),
  entry('outcomes', 0, 'ActionCompleted', { ...done, startedAt: 6, finishedAt: 9 }),
  entry('users', 0, 'UserProfileChanged', { userId: 'ada', location: 'Oslo', revision: 1 }),
  entry('users', 1, 'UserProfileChanged', { userId: 'ada', location: 'Lima', revision: 2 }),
]
const text = (models: Models): string =>
  JSON.stringify(Object.values(models).map((tables) => tables.map(({ rows }) => [...rows])))

it('computes the id of a request as the contract does', () => {
  expect(requestIdOf('m1')).toBe(requestId('m1'))
})

it('counts an event id once', () => {
  const [first, ...others] = entries
  const repeated = [first, ...entries, ...others].filter(
    (found): found is LogEntry => found?.type !== 'UserProfileChanged',
  )
  expect(text(foldEntries([...repeated, ...entries.slice(2)]))).toBe(text(foldEntries(entries)))
})

it.each(['drop', 'double', 'swap'] as const)('folds other rows when it is made to %s', (fault) => {
  expect(text(foldEntries(plantFault(entries, fault).entries))).not.toBe(text(foldEntries(entries)))
})
