// A user as callers see it.
import type { RowOf } from 'millrace'

/** Shapes a row of UserProfile; JSON has no 64-bit numbers, so the revision is text. */
export function userView({ revision, ...row }: RowOf<'UserProfile'>) {
  return { ...row, revision: String(revision) }
}
