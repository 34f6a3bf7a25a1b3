// Where a replay begins or ends, as somebody typed it: an offset, or a time.
import { MillraceError } from '../errors/millrace-error.ts'

export type ReplayPoint =
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'time'; readonly timeMs: number }

const DURATIONS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A date, or a date with a time and its zone: without one, the same text would mean another moment on another machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * Reads a whole number as an offset, `2026-01-31` and `2026-01-31T08:00:00Z` as a time in UTC, `2h` as two hours ago, `now`.
 * @throws MillraceError `MILLRACE_COMMAND_USAGE` naming `option`
 */
export function readReplayPoint(text: string, option: string, nowMs: number): ReplayPoint {
  if (/^\d{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) }
  if (text === 'now') return { kind: 'time', timeMs: nowMs }
  const ago = /^(\d{1,6})([smhd])$/.exec(text)
  if (ago !== null) return { kind: 'time', timeMs: nowMs - Number(ago[1]) * (DURATIONS[ago[2] ?? ''] ?? 0) }
  const timeMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs)) return { kind: 'time', timeMs }
  throw new MillraceError(
    'MILLRACE_COMMAND_USAGE',
    `${option}: expected an offset (1200), a time with its zone (2026-01-31T08:00:00Z), an age (2h) or now, received '${text}'`,
  )
}
