// Where the broker keeps its files. Two implementations: a directory on disk, and memory for tests. Everything above
// (segments, recovery, offsets) is the same code for both.

export type StoredFile = {
  /** Bytes that are written; an append counts when its promise has resolved. */
  readonly size: number
  /** Appends all buffers, in one vectored write where possible. After a rejection the size is what it was before. */
  append(buffers: readonly Buffer[]): Promise<void>
  /** Fresh bytes from `position`; shorter than `length` only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>
  truncate(size: number): Promise<void>
  /** Forces what is written to the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

export type Folder = {
  /** For messages: the path, or a name for a folder in memory. */
  readonly path: string
  /** Names of the files in it. */
  names(): Promise<string[]>
  /** The folder of that name, made when it is missing. */
  folder(name: string): Promise<Folder>
  folderNames(): Promise<string[]>
  /** Opens a file for append and read, made when it is missing. */
  open(name: string): Promise<StoredFile>
  /** The whole content of a file, null when there is none. */
  read(name: string): Promise<Buffer | null>
  /** Puts a new content in the place of the old one; a crash leaves one of the two, whole. */
  replace(name: string, content: Buffer): Promise<void>
  removeFile(name: string): Promise<void>
  /** Removes a folder and all in it; a crash leaves either everything or nothing that would be found again. */
  removeFolder(name: string): Promise<void>
}
