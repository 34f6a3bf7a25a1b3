// The hour that a moment belongs to, in UTC: the bucket of the usage tables.

const hourMs = 3_600_000

/** The beginning of the hour that `time` lies in. */
export function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / hourMs) * hourMs)
}
