// Which account Postgres runs as. It refuses to run as root, so root lends it an account without rights: `postgres` if there
// is one, else `nobody`; an existing data directory is served by the account that owns it. Anybody else runs it as themselves.
import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'

/** What spawn() needs to run a program as another account; empty for one's own. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/**
 * The account for a data directory, which need not exist yet.
 * @throws Error when the directory belongs to somebody else, or root finds no account to lend.
 */
export function postgresAccount(dataDir: string): Account {
  const isRoot = process.getuid?.() === 0
  const owner = statSync(join(dataDir, 'cluster', 'PG_VERSION'), { throwIfNoEntry: false })
  if (!isRoot) {
    if (owner && owner.uid !== process.getuid?.()) {
      throw new Error(
        `The Postgres data in ${dataDir} belongs to the account with id ${owner.uid}: run as that account, or delete the data.`,
      )
    }
    return {}
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) }
    } catch {
      // No such account here: the next one.
    }
  }
  throw new Error(
    'Postgres does not run as root, and there is no account named postgres or nobody: run as another user.',
  )
}

function idOf(option: string, account: string): number {
  return Number(execFileSync('id', [option, account], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}

/** Whether the account can reach the file or folder: every folder above it lets it through. Asks the system, as that account. */
export function canReach(account: Account, path: string): boolean {
  if (account.uid === undefined) return true
  return spawnSync('test', ['-r', path], { ...account, cwd: '/', stdio: 'ignore' }).status === 0
}
