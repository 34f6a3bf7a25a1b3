// Plants one fault into what was read, so that the comparison can be seen to fail: a verifier that cannot fail proves nothing.
import type { LogEntry } from './read-topics.ts'

/** A record left out, a record taken twice, two records of one key in the wrong order. */
export type Fault = 'drop' | 'double' | 'swap'

/** The entries with the fault in them, and what was done. Throws where the log has nothing to do it to. */
export function plantFault(entries: readonly LogEntry[], fault: Fault): { entries: readonly LogEntry[]; what: string } {
  if (fault === 'swap') return swap(entries)
  const ends = entries.flatMap((entry, index) => (entry.type === 'ActionCompleted' ? [index] : []))
  const chosen = ends[Math.floor(ends.length / 2)]
  const entry = chosen === undefined ? undefined : entries[chosen]
  if (chosen === undefined || entry === undefined) throw new Error('there is no ActionCompleted to plant a fault on')
  const where = placeOf(entry)
  if (fault === 'drop') return { entries: entries.toSpliced(chosen, 1), what: `left out ${where}` }
  // Another id, or the fold would drop it as the repeat that it is.
  const twin = { ...entry, id: `${entry.id} again` }
  return { entries: entries.toSpliced(chosen, 0, twin), what: `took ${where} twice` }
}

/** Exchanges the last two profiles of a user that name different locations: the last one stands, so the order shows. */
function swap(entries: readonly LogEntry[]): { entries: readonly LogEntry[]; what: string } {
  const profiles = new Map<string, { index: number; entry: LogEntry }[]>()
  for (const [index, entry] of entries.entries())
    if (entry.type === 'UserProfileChanged')
      profiles.set(entry.key, [...(profiles.get(entry.key) ?? []), { index, entry }])
  for (const changes of profiles.values()) {
    const [before, last] = changes.slice(-2)
    if (before === undefined || last === undefined) continue
    if (before.entry.data?.location === last.entry.data?.location) continue
    const swapped = entries.with(before.index, last.entry).with(last.index, before.entry)
    return { entries: swapped, what: `swapped ${placeOf(before.entry)} and ${placeOf(last.entry)}` }
  }
  throw new Error('no user has two profiles of different locations to swap')
}

function placeOf({ type, topic, partition, offset }: LogEntry): string {
  return `${type} at ${topic}/${partition}/${offset}`
}
