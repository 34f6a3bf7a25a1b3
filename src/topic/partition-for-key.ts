// Which partition a key belongs to: murmur2 of its bytes, as Java's and kafkajs's producers decide it, so that every producer
// puts equal keys into one partition.

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** The partition for the key among so many, from 0. */
export function partitionForKey(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** Murmur2 of 32 bits, as in Kafka's client utilities. */
function murmur2(data: Buffer): number {
  const { length } = data
  const whole = length & ~3
  let hash = SEED ^ length
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), M)
    word ^= word >>> 24
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  const rest = length & 3
  if (rest >= 3) hash ^= data.readUInt8(whole + 2) << 16
  if (rest >= 2) hash ^= data.readUInt8(whole + 1) << 8
  if (rest >= 1) hash = Math.imul(hash ^ data.readUInt8(whole), M)
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}
