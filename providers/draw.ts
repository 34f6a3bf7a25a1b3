// Chance that can be foretold: the same words give the same number, in any process and at any time.
import { createHash } from 'node:crypto'

/** A number from 0 (included) to 1 (excluded), drawn from words. */
export function draw(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join('\u0000')).digest().readUInt32BE(0) / 2 ** 32
}
