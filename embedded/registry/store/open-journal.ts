// The registry's journal: an append-only file of one JSON entry a line. What append() has returned from is on the disk. A
// last line that a crash tore was never answered for, so it is cut off; a broken line before the last is damage, and refused.
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { JournalEntry } from './journal-entry.ts'

export interface Journal {
  /** What the file held when it was opened, oldest first. */
  readonly entries: readonly JournalEntry[]
  /** Writes the entries and waits for the disk. Nothing of them stays when it throws. */
  append(entries: readonly JournalEntry[]): void
  close(): void
}

/** @throws Error naming file and line when a line that is not the last cannot be read */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true })
  const descriptor = openSync(file, 'a+')
  try {
    const { entries, length } = readEntries(file)
    let end = length
    if (fstatSync(descriptor).size > end) ftruncateSync(descriptor, end)
    return {
      entries,
      append(added) {
        const bytes = Buffer.from(added.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
        try {
          for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
          fdatasyncSync(descriptor)
        } catch (error) {
          // A half-written line would swallow the next one.
          ftruncateSync(descriptor, end)
          throw error
        }
        end += bytes.length
      },
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function readEntries(file: string): { entries: JournalEntry[]; length: number } {
  const bytes = readFileSync(file)
  const entries: JournalEntry[] = []
  let start = 0
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    const entry = parseLine(bytes.toString('utf8', start, end))
    if (entry === undefined) {
      // The bytes after a torn write may hold anything, a line break included.
      if (end === bytes.length - 1) break
      throw new Error(
        `${file}: line ${entries.length + 1} is damaged. Restore the file from a copy, or delete it to begin with an empty registry.`,
      )
    }
    entries.push(entry)
    start = end + 1
  }
  return { entries, length: start }
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<JournalEntry> | null
    return typeof entry?.key?.keytype === 'string' ? (entry as JournalEntry) : undefined
  } catch {
    return undefined
  }
}
