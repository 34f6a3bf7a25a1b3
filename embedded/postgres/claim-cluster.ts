// Makes sure that nobody serves a cluster before we do: stops a postmaster that a killed launcher left behind, clears away a
// lock file that an earlier machine or container left, and refuses when somebody else is at work.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { SettingError } from '../process/setting-error.ts'
import { clusterOwner } from './cluster-owner.ts'

/** An orderly stop writes a checkpoint, which can take a while; after that an immediate one, which the next start recovers. */
const ORDERLY_STOP_MS = 5000
const IMMEDIATE_STOP_MS = 10_000

/** @throws SettingError when another running process serves the cluster. */
export async function claimCluster(cluster: string): Promise<void> {
  const owner = clusterOwner(cluster)
  if (owner.kind === 'launcher') {
    throw new SettingError(
      `The Postgres data in ${cluster} is in use by process ${owner.launcher}: stop that one, or choose another data folder.`,
    )
  }
  if (owner.kind === 'orphan') {
    process.kill(owner.pid, 'SIGINT')
    if (!(await isGone(cluster, ORDERLY_STOP_MS))) {
      process.kill(owner.pid, 'SIGQUIT')
      if (!(await isGone(cluster, IMMEDIATE_STOP_MS))) {
        throw new Error(`The Postgres left behind as process ${owner.pid} does not stop: end it by hand.`)
      }
    }
  }
  // Postgres would take the stranger for a postmaster. The file of one that is gone is left to Postgres: it also tells whether
  // children of that one are still writing.
  if (owner.kind === 'stranger') rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

async function isGone(cluster: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (clusterOwner(cluster).kind === 'orphan') {
    if (performance.now() > deadline) return false
    await delay(20)
  }
  return true
}
