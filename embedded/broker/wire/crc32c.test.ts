import { expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'

it.each([
  ['', 0],
  ['123456789', 0xe3069283],
  ['The quick brown fox jumps over the lazy dog', 0x22620404],
])('gives the known checksum of %j', (text, checksum) => {
  expect(crc32c(Buffer.from(text))).toBe(checksum)
})
