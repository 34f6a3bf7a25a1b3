// What failures of one kind have in common, so that the desk can group a thousand parked events into one cause.
import { createHash } from 'node:crypto'
import type { Parking } from './parked-event.ts'

/** Short and stable: the same code and the same detail but for digits, hex and quoted values give the same fingerprint. */
export function parkingFingerprint({ reason, code, detail }: Parking): string {
  const shape = detail
    .replace(/'[^']*'|"[^"]*"/g, '?')
    .replace(/\b[0-9a-f]{8,}(?:-[0-9a-f]+)*\b/gi, '?')
    .replace(/\d+/g, '0')
  return createHash('sha256').update(`${reason}\n${code}\n${shape}`).digest('hex').slice(0, 16)
}
