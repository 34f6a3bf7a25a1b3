// CPU seconds that a process and all its descendants have used, from /proc; NaN where there is none.
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second. */
const TICKS = 100

export function cpuSeconds(pid: number): number {
  const processes = new Map<number, { parent: number; ticks: number }>()
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      const stat = readStat(name)
      if (stat !== null) processes.set(Number(name), stat)
    }
  } catch {
    return Number.NaN
  }
  let ticks = 0
  for (const [id, { ticks: own }] of processes) if (isWithin(id, pid, processes)) ticks += own
  return ticks / TICKS
}

/** Own time and that of children which have ended. */
function readStat(pid: string): { parent: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
    return { parent: fields[1] ?? 0, ticks: user + system + endedUser + endedSystem }
  } catch {
    return null
  }
}

function isWithin(pid: number, ancestor: number, processes: ReadonlyMap<number, { readonly parent: number }>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = processes.get(at)?.parent) {
    if (at === ancestor) return true
  }
  return false
}
