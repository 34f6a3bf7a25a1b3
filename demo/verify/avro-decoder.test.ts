// The verifier's decoder against the engine's encoder, of which it shares nothing.
import type { AnyEventType } from 'millrace'
import { expect, it } from 'vitest'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { MessageReceived } from '../../schemas/generated/message-received.ts'
import { ScheduleDefined } from '../../schemas/generated/schedule-defined.ts'
import { EventCodec } from '../../src/schema/event-codec.ts'
import * as example from '../../tests/assistant/example-events.ts'
import { decodeAvro } from './avro-decoder.ts'

const codec = new EventCodec()
const decoded = (type: AnyEventType, data: unknown): unknown =>
  decodeAvro(type.schema, codec.encode(type, 7, data).subarray(5))

/** Data as the verifier has it: moments and longs are numbers. */
const plain = (data: object): unknown =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Date ? value.getTime() : value,
    ]),
  )

it('reads records, enums, maps, nulls and moments', () => {
  expect(decoded(MessageReceived, example.messageReceived)).toEqual(plain(example.messageReceived))
})

it('reads a union of records as the record', () => {
  const { result } = example.actionCompleted
  const report = 'WeatherReport' in result ? plain(result.WeatherReport) : null
  expect(decoded(ActionCompleted, example.actionCompleted)).toEqual({
    ...(plain(example.actionCompleted) as object),
    result: report,
  })
})

it('reads nested records and longs, negative and large', () => {
  for (const offset of [0n, -1n, 63n, 64n, 2n ** 31n, 2n ** 52n])
    expect(decoded(ActionFailed, { ...example.actionFailed, parkedAt: { topic: 't', partition: 3, offset } })).toEqual({
      ...(plain(example.actionFailed) as object),
      parkedAt: { topic: 't', partition: 3, offset: Number(offset) },
    })
})

it('reads arrays and maps of several entries', () => {
  const schedule = {
    scheduleId: 's',
    cron: '0 7 * * *',
    action: 'weather',
    arguments: { a: '1', b: '2' },
    audience: 'USERS',
    userIds: ['ada', 'bob', ''],
    enabled: true,
    misfire: 'SKIP',
  }
  expect(decoded(ScheduleDefined, schedule)).toEqual(schedule)
})
