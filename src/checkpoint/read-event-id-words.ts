// An event id as four 32-bit words: a canonical UUID is read directly, any other id by its SHA-256. Two ids that differ as
// text differ here (but for a collision of 128 bits), so 'A…' and 'a…' stay two ids: only lower case counts as canonical.
import { createHash } from 'node:crypto'

const DIGITS = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit += 1) DIGITS[digit.toString(16).charCodeAt(0)] = digit

const HYPHENS = [8, 13, 18, 23]
/** Where each of the 32 digits of a UUID stands in its text. */
const PLACES = Uint8Array.from(
  Array.from({ length: 36 }, (_, place) => place).filter((place) => !HYPHENS.includes(place)),
)

/** Writes the four words of an id into `words` from `at` on. */
export function readEventIdWords(id: string, words: Uint32Array, at: number): void {
  if (id.length !== 36 || !readUuid(id, words, at)) readHash(id, words, at)
}

function readUuid(id: string, words: Uint32Array, at: number): boolean {
  for (const hyphen of HYPHENS) if (id.charCodeAt(hyphen) !== 45) return false
  for (let word = 0; word < 4; word += 1) {
    let value = 0
    for (let place = word * 8; place < word * 8 + 8; place += 1) {
      const digit = DIGITS[id.charCodeAt(PLACES[place] ?? 0)] ?? -1
      if (digit < 0) return false
      value = (value << 4) | digit
    }
    words[at + word] = value
  }
  return true
}

function readHash(id: string, words: Uint32Array, at: number): void {
  const hash = createHash('sha256').update(id, 'utf8').digest()
  for (let word = 0; word < 4; word += 1) words[at + word] = hash.readUInt32BE(word * 4)
}
