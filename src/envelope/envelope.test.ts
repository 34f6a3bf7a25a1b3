import { describe, expect, it } from 'vitest'
import { decodeHeaders } from './decode-headers.ts'
import { deriveIds } from './derive-ids.ts'
import { encodeHeaders } from './encode-headers.ts'
import type { Envelope } from './envelope.ts'
import { uuid5 } from './uuid5.ts'

const at = { topic: 'a.b', partition: 3, offset: 42n, timestamp: 1_700_000_000_000 }
const toBytes = (headers: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]))

const full: Envelope = {
  id: 'é-1',
  time: new Date(1234),
  source: '/app/producer',
  correlationId: 'c',
  causationId: 'd',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  routingKey: 'a.b.c',
  idempotencyKey: 'k',
  expiresAt: new Date(5678),
  attempt: 2,
}

describe('headers', () => {
  it('give back the envelope that was written', () => {
    const headers = encodeHeaders(full, 'x.Made')
    expect(headers).toMatchObject({ ce_specversion: '1.0', ce_type: 'x.Made', 'content-type': 'application/avro' })
    expect(decodeHeaders({ ...at, headers: toBytes(headers) })).toStrictEqual({ envelope: full, ignored: [] })
  })

  it('are made up from the record where there are none', () => {
    const { envelope, ignored } = decodeHeaders({ ...at, headers: {} })
    expect(envelope).toMatchObject({
      id: 'a.b:3:42',
      time: new Date(at.timestamp),
      source: '/a.b',
      correlationId: 'a.b:3:42',
      causationId: null,
      expiresAt: null,
    })
    expect(ignored).toStrictEqual([])
  })

  it.each([
    ['ce_id', Buffer.from('x'.repeat(201))],
    ['ce_id', Buffer.alloc(0)],
    ['ce_id', Buffer.from([0xff, 0xfe])],
    ['ce_id', Buffer.from('a\0b')],
    ['ce_time', Buffer.from('yesterday')],
    ['ce_time', Buffer.from('2026-13-45T00:00:00Z')],
    ['ce_expiresat', Buffer.from('2026-01-01')],
    ['ce_attempt', Buffer.from('-1')],
    ['ce_correlationid', Buffer.from('x'.repeat(5_000))],
    ['traceparent', Buffer.from([0xc3, 0x28])],
  ])('that are wrong are named and replaced: %s', (name, value) => {
    const { envelope, ignored } = decodeHeaders({ ...at, headers: { [name]: value } })
    expect(ignored).toStrictEqual([name])
    expect(envelope).toStrictEqual(decodeHeaders({ ...at, headers: {} }).envelope)
  })

  it('take a broken timestamp for none', () => {
    expect(decodeHeaders({ ...at, timestamp: -1, headers: {} }).envelope.time).toStrictEqual(new Date(0))
    expect(decodeHeaders({ ...at, timestamp: 9e18, headers: {} }).envelope.time).toStrictEqual(new Date(0))
  })
})

describe('derived ids', () => {
  it('are UUIDs of version 5 that stay the same', () => {
    expect(uuid5('a', 1)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuid5('a', 'b')).toBe(uuid5('a', 'b'))
    expect(uuid5('a', 'b')).not.toBe(uuid5('ab'))
    // Ids already written were made so: this value never changes.
    expect(uuid5('output', 'in', 'consumer')).toBe('f16f50ac-e7c6-5e77-9540-8cd90ecfc3bf')
  })

  it('depend on what an output is and on its place among its like, not on the others', () => {
    const one = { type: 'x.A', topic: 't', key: 'k' }
    const other = { type: 'x.B', topic: 't', key: 'k' }
    const [first, second, third] = deriveIds('in', 'c', [one, one, other])
    expect(new Set([first, second, third]).size).toBe(3)
    expect(deriveIds('in', 'c', [other, one, one])).toStrictEqual([third, first, second])
    expect(deriveIds('in', 'd', [one])[0]).not.toBe(first)
  })
})
