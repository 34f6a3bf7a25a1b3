import { expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import { defineTopic } from '../definition/define-topic.ts'
import type { LogRecord } from '../kafka/record.ts'
import { createRecordDecoder } from './create-record-decoder.ts'

const Opened = defineEvent<'Opened', { readonly doorId: string }>('Opened', 'test.Opened', 'string')
const doors = defineTopic({ name: 'test.doors', key: 'doorId', events: [Opened] })
const keys = defineTopic({ name: 'test.keys', key: 'doorId', events: [Opened], cleanup: 'compact' })
const schemas = { prepare: async () => undefined, decode: () => ({ eventType: Opened, data: {} }) }
const decoder = createRecordDecoder(schemas, [doors, keys])

const empty = (topic: string): LogRecord => ({
  topic,
  partition: 1,
  offset: 7n,
  timestamp: 0,
  key: Buffer.from('d'),
  value: null,
  headers: {},
})

it('takes a record without a value for a tombstone on compacted topics only, whatever its consumer ignores', () => {
  expect(decoder.eventType(empty('test.keys'))).toBe('Tombstone')
  expect(decoder.decode(empty('test.keys'))).toMatchObject({ kind: 'event', event: { type: 'Tombstone', key: 'd' } })
  expect(decoder.eventType(empty('test.doors'))).toBeNull()
  expect(decoder.decode(empty('test.doors'))).toMatchObject({ kind: 'refused', code: 'TOMBSTONE' })
})
