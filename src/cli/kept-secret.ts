// Secrets of the embedded stack: made at the first start, kept in the data folder, readable by its owner only.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Reads the secret in `path`, or makes it. `made` tells that it is new. */
export async function keptSecret(path: string): Promise<{ secret: string; made: boolean }> {
  try {
    return { secret: (await readFile(path, 'utf8')).trim(), made: false }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
  const secret = randomBytes(24).toString('base64url')
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${secret}\n`, { mode: 0o600 })
  return { secret, made: true }
}
