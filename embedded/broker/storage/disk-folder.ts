// A folder on disk. `replace` writes beside the file, forces that to the disk and renames it; `removeFolder` renames
// first, and what carries the suffix of a removal that a crash interrupted is cleared away at the next start.

import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { openDiskFile } from './disk-file.ts'
import type { Folder, StoredFile } from './folder.ts'

const REMOVED = '.removed'
const UNFINISHED = '.new'

export class DiskFolder implements Folder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** The folder at a path, made when it is missing. Leftovers of an interrupted removal or replacement are deleted. */
  static async open(path: string): Promise<DiskFolder> {
    await fs.mkdir(path, { recursive: true })
    for (const name of await fs.readdir(path)) {
      if (name.endsWith(REMOVED) || name.endsWith(UNFINISHED)) await fs.rm(join(path, name), { recursive: true })
    }
    return new DiskFolder(path)
  }

  async names(): Promise<string[]> {
    const entries = await fs.readdir(this.path, { withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }

  async folderNames(): Promise<string[]> {
    const entries = await fs.readdir(this.path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  }

  folder(name: string): Promise<DiskFolder> {
    return DiskFolder.open(join(this.path, name))
  }

  open(name: string): Promise<StoredFile> {
    return openDiskFile(join(this.path, name))
  }

  async read(name: string): Promise<Buffer | null> {
    try {
      return await fs.readFile(join(this.path, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  async replace(name: string, content: Buffer): Promise<void> {
    const path = join(this.path, name)
    const file = await fs.open(path + UNFINISHED, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await fs.rename(path + UNFINISHED, path)
    await this.#syncEntries()
  }

  async removeFile(name: string): Promise<void> {
    await fs.rm(join(this.path, name), { force: true })
  }

  async removeFolder(name: string): Promise<void> {
    const path = join(this.path, name)
    await fs.rename(path, path + REMOVED)
    await fs.rm(path + REMOVED, { recursive: true })
  }

  /** A rename is on the disk only when its directory is. Windows cannot open one, and does not need it. */
  async #syncEntries(): Promise<void> {
    if (process.platform === 'win32') return
    const directory = await fs.open(this.path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}
