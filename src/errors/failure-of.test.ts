import { expect, test } from 'vitest'
import { failureOf } from './failure-of.ts'

test.each([
  [new TypeError('no'), { code: 'TypeError', detail: 'no' }],
  [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), { code: 'ECONNRESET', detail: 'reset' }],
  [Object.assign(new Error('odd'), { code: 42 }), { code: 'Error', detail: 'odd' }],
  ['just text', { code: 'THROWN', detail: 'just text' }],
  [undefined, { code: 'THROWN', detail: 'undefined' }],
])('%s has a code and a message', (thrown, failure) => {
  expect(failureOf(thrown)).toEqual(failure)
})
