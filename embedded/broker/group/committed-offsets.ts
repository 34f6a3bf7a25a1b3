// The offsets that groups have committed, in memory and in a framed log of their own, so that they outlive a restart. A
// commit is answered when its entry is written. The log is rewritten with only the live offsets when most of it is past.

import { FrameLog } from '../storage/frame-log.ts'
import type { Folder } from '../storage/folder.ts'

const FILE = 'offsets.log'
const REWRITE_FROM_BYTES = 1024 * 1024

export type CommittedOffset = {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string | null
}
export type PartitionOffset = CommittedOffset & { readonly topic: string; readonly partition: number }
export type PartitionName = { readonly topic: string; readonly partition: number }

/** What one entry of the log says. */
type Entry =
  | { readonly group: string; readonly commit: readonly PartitionOffset[] }
  | { readonly group: string; readonly forget: readonly PartitionName[] }
  | { readonly forgetGroup: string }
  | { readonly forgetTopic: string }

type GroupOffsets = Map<string, PartitionOffset>

export class CommittedOffsets {
  readonly #groups = new Map<string, GroupOffsets>()
  #log!: FrameLog
  #rewriteAtBytes = REWRITE_FROM_BYTES

  private constructor() {}

  static async open(folder: Folder, syncEach: boolean): Promise<CommittedOffsets> {
    const offsets = new CommittedOffsets()
    offsets.#log = await FrameLog.open(folder, FILE, syncEach, (payload) => {
      offsets.#apply(JSON.parse(payload.toString()) as Entry)
    })
    return offsets
  }

  groupIds(): string[] {
    return [...this.#groups.keys()]
  }

  has(group: string): boolean {
    return this.#groups.has(group)
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(nameOf(topic, partition))
  }

  all(group: string): PartitionOffset[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  commit(group: string, commit: readonly PartitionOffset[]): Promise<void> {
    return commit.length === 0 ? Promise.resolve() : this.#append({ group, commit })
  }

  forget(group: string, forget: readonly PartitionName[]): Promise<void> {
    return this.#append({ group, forget })
  }

  async forgetGroup(group: string): Promise<void> {
    if (this.has(group)) await this.#append({ forgetGroup: group })
  }

  /** A deleted topic takes its committed offsets along: a new one of that name begins at 0. */
  async forgetTopic(topic: string): Promise<void> {
    const isKnown = [...this.#groups.values()].some((offsets) => [...offsets.values()].some((o) => o.topic === topic))
    if (isKnown) await this.#append({ forgetTopic: topic })
  }

  flush(): Promise<void> {
    return this.#log.sync()
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  async #append(entry: Entry): Promise<void> {
    this.#apply(entry)
    await this.#log.append(Buffer.from(JSON.stringify(entry)))
    if (this.#log.size < this.#rewriteAtBytes) return
    this.#rewriteAtBytes = Number.POSITIVE_INFINITY
    await this.#log.rewrite(() => this.#liveEntries())
    this.#rewriteAtBytes = Math.max(REWRITE_FROM_BYTES, this.#log.size * 4)
  }

  *#liveEntries(): Iterable<Buffer> {
    for (const [group, offsets] of this.#groups) {
      yield Buffer.from(JSON.stringify({ group, commit: [...offsets.values()] } satisfies Entry))
    }
  }

  #apply(entry: Entry): void {
    if ('forgetGroup' in entry) {
      this.#groups.delete(entry.forgetGroup)
    } else if ('forgetTopic' in entry) {
      for (const group of this.#groups.keys()) this.#forgetWhere(group, (o) => o.topic === entry.forgetTopic)
    } else if ('forget' in entry) {
      const names = new Set(entry.forget.map(({ topic, partition }) => nameOf(topic, partition)))
      this.#forgetWhere(entry.group, (o) => names.has(nameOf(o.topic, o.partition)))
    } else {
      const offsets: GroupOffsets = this.#groups.get(entry.group) ?? new Map()
      for (const commit of entry.commit) offsets.set(nameOf(commit.topic, commit.partition), commit)
      this.#groups.set(entry.group, offsets)
    }
  }

  #forgetWhere(group: string, isGone: (offset: PartitionOffset) => boolean): void {
    const offsets = this.#groups.get(group)
    if (!offsets) return
    for (const [name, offset] of offsets) if (isGone(offset)) offsets.delete(name)
    if (offsets.size === 0) this.#groups.delete(group)
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
