// An integer of any size as Avro's decimals have it: two's complement, highest byte first.

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
