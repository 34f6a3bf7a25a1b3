// Keeps two brokers off one data directory: a file names the process that has it. A process that is gone, or whose number
// was given to another one since (seen by its start time where the system tells it), holds nothing.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'lock'

/** Takes the directory and returns how to give it back. Throws while another live process has it. */
export async function lockData(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, FILE)
  const holder = await readFile(path, 'utf8').catch(() => '')
  const [pid, startedAt] = holder.split(' ')
  const other = Number(pid)
  if (other > 0 && other !== process.pid && isAlive(other) && (await startTimeOf(other)) === startedAt) {
    throw new Error(`The data directory ${directory} is in use by process ${other}: stop it, or set another directory.`)
  }
  await writeFile(path, `${process.pid} ${await startTimeOf(process.pid)}`)
  return () => rm(path, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ticks since boot on Linux; '0' where the system does not tell. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name of the program, in parentheses, may hold spaces: fields are counted behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}
