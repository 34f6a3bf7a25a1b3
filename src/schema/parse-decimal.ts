// Decimals between digits in a string and the unscaled integer that Avro keeps.
import type { DecimalForm } from './schema-node.ts'

const pattern = /^-?\d+(\.\d+)?$/

/** The unscaled integer of a decimal in digits; null where it is no decimal or has more digits than its form allows. */
export function parseDecimal(text: string, form: DecimalForm): bigint | null {
  if (text.length > form.precision + 3 || !pattern.test(text)) return null
  const [whole = '', fraction = ''] = text.split('.')
  if (fraction.length > form.scale) return null
  const unscaled = BigInt(whole + fraction.padEnd(form.scale, '0'))
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length
  return digits <= form.precision ? unscaled : null
}
