// Whether a definition sent what a test expected: topics, events and their order. Options that a test does not name (ids, times)
// are not compared.
import { AssertionError } from 'node:assert'
import { inspect, isDeepStrictEqual } from 'node:util'
import type { Emission } from '../definition/send.ts'
import { checkData } from './check-data.ts'

/** @throws AssertionError when the emissions differ, `MILLRACE_EVENT_INVALID` when one is not of its schema */
export function compareEmissions(actual: readonly Emission[], expected: readonly Emission[]): void {
  checkData(actual)
  const seen = actual.map((emission, index) => plain(emission, Object.keys(expected[index]?.event ?? {})))
  const wanted = expected.map((emission) => plain(emission, Object.keys(emission.event ?? {})))
  if (isDeepStrictEqual(seen, wanted)) return
  throw new AssertionError({
    message: `other events were sent than expected\n${inspect({ expected: wanted, actual: seen }, { depth: 6 })}`,
    expected: wanted,
    actual: seen,
  })
}

function plain({ topic, event, key }: Emission, options: readonly string[]): Readonly<Record<string, unknown>> {
  if (event === null) return { topic: topic.name, tombstone: key }
  const compared = Object.entries(event).filter(([name]) => ['type', 'data', ...options].includes(name))
  return { topic: topic.name, ...Object.fromEntries(compared) }
}
