// The key that signs position tokens and cursors. All processes of an app need the same one, and it should outlast restarts.
import { scryptSync } from 'node:crypto'
import type { Settings } from './settings.ts'

/**
 * The key of an app: from MILLRACE_TOKEN_SECRET, else from the database URL, which its processes share anyway. Deriving is
 * slow on purpose (about 50 ms), so that a token gives no means to guess the password in that URL.
 * @param databaseUrl where the settings name none, because the database is embedded
 */
export function tokenKey(
  settings: Pick<Settings, 'app' | 'tokenSecret' | 'databaseUrl'>,
  databaseUrl = '',
): Uint8Array {
  const secret = settings.tokenSecret ?? settings.databaseUrl ?? databaseUrl
  return scryptSync(secret, `millrace tokens of ${settings.app}`, 32)
}
