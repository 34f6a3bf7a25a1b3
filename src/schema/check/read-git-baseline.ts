// The schemas as they were at a git revision. Git is an argument: a function that runs it with arguments and returns what it
// prints, so that nothing here starts a process.
import { messageOf } from '../../errors/message-of.ts'
import { MillraceError } from '../../errors/millrace-error.ts'
import type { BaselineSchema } from './schema-finding.ts'

export interface GitBaselineOptions {
  /** A branch, tag or commit, e.g. `main`. */
  readonly ref: string
  /** The folder of the .avsc files, relative to where git runs (default: `schemas`). */
  readonly folder?: string
  /** Runs git with these arguments in the project's folder; rejects when git fails. */
  readonly git: (args: readonly string[]) => Promise<string>
}

/**
 * Every .avsc file of the folder at that revision, folders inside it left out as everywhere; none when it was not there yet.
 * @throws MillraceError MILLRACE_SCHEMA_BASELINE when the revision is unknown or git fails
 */
export async function readGitBaseline({
  ref,
  folder = 'schemas',
  git,
}: GitBaselineOptions): Promise<readonly BaselineSchema[]> {
  try {
    // The revision is turned into a commit first: whatever the user wrote, what follows gets a hash and no option.
    const commit = (await git(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`])).trim()
    const listed = await git(['ls-tree', '-z', '--name-only', commit, '--', `${folder.replace(/\/+$/, '')}/`])
    const paths = listed.split('\0').filter((path) => path.endsWith('.avsc'))
    return await Promise.all(
      paths.map(async (path) => ({ origin: `${ref}:${path}`, text: await git(['show', `${commit}:./${path}`]) })),
    )
  } catch (error) {
    const reason = messageOf(error)
    throw new MillraceError(
      'MILLRACE_SCHEMA_BASELINE',
      `the schemas of git revision "${ref}" cannot be read: ${reason.trim()}. Name a branch, tag or commit of this repository (in CI, fetch it first).`,
      { cause: error },
    )
  }
}
