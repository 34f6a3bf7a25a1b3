import { describe, expect, it } from 'vitest'
import { defineEvent } from '../definition/define-event.ts'
import { defineTopic } from '../definition/define-topic.ts'
import type { AvroSchema } from '../definition/event-type.ts'
import type { LogRecord } from '../kafka/record.ts'
import { EventCodec } from '../schema/event-codec.ts'
import { RecordViewer } from './record-view.ts'

const schema: AvroSchema = {
  type: 'record',
  name: 'Noted',
  namespace: 'test',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
}
const Noted = defineEvent<'Noted', { id: string; at: Date }>('Noted', 'test.Noted', schema)
const topic = defineTopic({ name: 'test.notes', key: 'id', events: [Noted] })

function record(value: Buffer | null, key: Buffer | null = Buffer.from('k')): LogRecord {
  const headers = { ce_id: Buffer.from('the-id'), ce_time: Buffer.from('2026-01-02T03:04:05Z') }
  return { topic: 'test.notes', partition: 1, offset: 2n, timestamp: 0, key, value, headers }
}

describe('RecordViewer', () => {
  const viewer = new RecordViewer([topic], { fetchSchema: () => Promise.resolve(schema) }, () => 0)

  it('shows data in JSON with the envelope', async () => {
    const value = new EventCodec().encode(Noted, 7, { id: 'a', at: new Date(0) })
    expect(await viewer.view([record(value)])).toEqual([
      {
        topic: 'test.notes',
        partition: 1,
        offset: 2n,
        timestamp: '1970-01-01T00:00:00.000Z',
        key: 'k',
        id: 'the-id',
        type: 'Noted',
        time: '2026-01-02T03:04:05.000Z',
        source: '/test.notes',
        correlationId: 'the-id',
        data: { id: 'a', at: '1970-01-01T00:00:00.000Z' },
      },
    ])
  })

  it('shows bytes and the reason where they cannot be decoded, and keys that are no text in hex', async () => {
    const [view] = await viewer.view([record(Buffer.from([1, 2, 255]), Buffer.from([0xff]))])
    expect(view).toMatchObject({
      hex: '0102ff',
      key: '0xff',
      undecodable: expect.stringContaining('zero byte') as string,
    })
  })

  it('shows tombstones, and records of topics that the project does not define', async () => {
    expect(await viewer.view([record(null)])).toMatchObject([{ tombstone: true }])
    expect(await viewer.view([{ ...record(Buffer.from('x')), topic: 'other' }])).toMatchObject([{ hex: '78' }])
  })
})
