import { expect, test } from 'vitest'
import { signedText } from './signed-text.ts'

test('a text comes back for the same key, purpose and bound only', () => {
  const key = Buffer.from('0123456789abcdef')
  const cursor = signedText(key, 'cursor')
  const text = cursor.sign('payload', 'query 1')
  expect(cursor.open(text, 'query 1')).toBe('payload')
  expect(cursor.open(text, 'query 2')).toBeNull()
  expect(cursor.open(text)).toBeNull()
  expect(signedText(key, 'position').open(text, 'query 1')).toBeNull()
  expect(signedText(Buffer.from('another key 0000'), 'cursor').open(text, 'query 1')).toBeNull()
})
