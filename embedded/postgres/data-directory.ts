// The folder that holds the database: made and initialised when it is not there. Root's own is handed to the account of
// Postgres; below a folder that this account cannot enter (/root, mode 0700) the data lies in /var/lib/millrace and the given
// path is a link to it. Deleting the link deletes the data: the next start begins anew.
import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { canReach, type Account } from './postgres-account.ts'
import { SHARED_FOLDER } from './shared-folder.ts'

/** The folder of the cluster inside the place given. */
const CLUSTER = 'cluster'

/** The role that owns everything. Not named like a schema: an unqualified table would go into the schema of that name. */
export const SUPERUSER = 'postgres'

/** Makes the folder if need be, and gives the path under which the account reaches it. */
export function placeDataDirectory(dataDir: string, account: Account): string {
  const path = resolve(dataDir)
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(path)) return realpathSync(path)
  mkdirSync(path, { recursive: true })
  if (account.uid === undefined || account.gid === undefined) return realpathSync(path)

  chownSync(path, account.uid, account.gid)
  if (canReach(account, path)) return realpathSync(path)

  const elsewhere = join(SHARED_FOLDER, createHash('sha256').update(path).digest('hex').slice(0, 16))
  // A folder that no link leads to any more was given up by deleting the link.
  rmSync(elsewhere, { recursive: true, force: true })
  mkdirSync(elsewhere, { recursive: true, mode: 0o755 })
  chownSync(elsewhere, account.uid, account.gid)
  try {
    rmdirSync(path)
  } catch (cause) {
    throw new Error(
      `${path} is not empty, and Postgres cannot reach it there: move the checkout or delete the folder.`,
      {
        cause,
      },
    )
  }
  symlinkSync(elsewhere, path)
  return elsewhere
}

/**
 * Runs initdb unless the place holds a cluster, and gives the cluster's folder.
 * @param durable whether to wait until the new files are on disk.
 */
export async function initialiseCluster(
  place: string,
  initdb: string,
  account: Account,
  { durable, signal }: { durable: boolean; signal?: AbortSignal },
): Promise<string> {
  const cluster = join(place, CLUSTER)
  if (existsSync(join(cluster, 'PG_VERSION'))) return cluster
  // Under another name until it is whole, so that an initdb that was killed is never taken for a cluster.
  const unfinished = join(place, 'initialising')
  rmSync(unfinished, { recursive: true, force: true })
  const args = ['-D', unfinished, '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--no-instructions']
  // The same collation on every machine, and no libraries of the system asked for it.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  if (!durable) args.push('--no-sync')
  try {
    await promisify(execFile)(initdb, args, { ...account, cwd: '/', ...(signal && { signal }) })
  } catch (cause) {
    const { stderr } = cause as { stderr?: string }
    throw new Error(`initdb could not create a database in ${place}: ${stderr?.trim() || String(cause)}`, { cause })
  }
  renameSync(unfinished, cluster)
  return cluster
}
