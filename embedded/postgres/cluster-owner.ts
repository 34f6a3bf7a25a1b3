// Who serves a cluster right now, told from postmaster.pid. A postmaster names the process that launched it in its
// cluster_name, and is that process's child; once the launcher is gone it has another parent and is an orphan.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type ClusterOwner =
  /** Nobody; a postmaster.pid that is there names a process that is gone. */
  | { readonly kind: 'nobody' }
  /** Nobody, but the number in postmaster.pid now belongs to another program; in a container that happens at every start. */
  | { readonly kind: 'stranger' }
  /** A postmaster whose launcher is gone. */
  | { readonly kind: 'orphan'; readonly pid: number }
  /** A postmaster whose launcher still runs. */
  | { readonly kind: 'launcher'; readonly pid: number; readonly launcher: number }

/** The cluster_name that tells who launched a postmaster. */
export const clusterName = (launcher: number): string => `millrace.${launcher}`

export function clusterOwner(cluster: string): ClusterOwner {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return { kind: 'nobody' }
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  const found = Number.isInteger(pid) && pid > 0 ? inspect(pid) : undefined
  if (!found) return { kind: 'nobody' }
  if (!found.command.includes('postgres') || !found.command.includes(cluster)) return { kind: 'stranger' }
  const launcher = Number(/cluster_name=millrace\.(\d+)/.exec(found.command)?.[1])
  return launcher === found.parent ? { kind: 'launcher', pid, launcher } : { kind: 'orphan', pid }
}

interface Inspected {
  readonly command: string
  readonly parent: number
}

function inspect(pid: number): Inspected | undefined {
  try {
    if (process.platform === 'linux') {
      // From /proc, because a slim container image has no ps.
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
      return { command, parent }
    }
    const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const [parent = '', ...command] = line.split(/\s+/)
    return { command: command.join(' '), parent: Number(parent) }
  } catch {
    return undefined
  }
}
