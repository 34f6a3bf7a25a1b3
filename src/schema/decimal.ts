// Decimals between Avro's bytes (a two's complement integer, highest byte first) and a string of digits.
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

/** A decimal in digits, with exactly `scale` of them behind the point. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : ''
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The shortest bytes of an integer, or `size` of them; null where it does not fit into `size`. */
export function integerToBytes(value: bigint, size: number | null): Uint8Array | null {
  let length = size ?? 1
  if (size === null) while (BigInt.asIntN(length * 8, value) !== value) length += 1
  else if (BigInt.asIntN(length * 8, value) !== value) return null
  const bytes = new Uint8Array(length)
  let rest = BigInt.asUintN(length * 8, value)
  for (let index = length - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** The integer that bytes stand for; no byte is zero. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}
