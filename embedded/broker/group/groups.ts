// All groups of the broker. A group with members is held in memory only: after a restart its members join again, as they
// do after any lost coordinator. Committed offsets are kept on disk; a group that has only those is Empty.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { CommittedOffsets } from './committed-offsets.ts'
import { Group, type GroupOptions } from './group.ts'

export class Groups {
  readonly offsets: CommittedOffsets
  readonly #options: GroupOptions
  readonly #groups = new Map<string, Group>()

  constructor(offsets: CommittedOffsets, options: GroupOptions) {
    this.offsets = offsets
    this.#options = options
  }

  /** Every group that has members or committed offsets. */
  all(): Group[] {
    const ids = new Set([...this.#groups.keys(), ...this.offsets.groupIds()])
    return [...ids].map((id) => this.#groups.get(id) ?? new Group(id, this.#options))
  }

  /** The group, undefined when neither a member nor a committed offset speaks of it. */
  find(id: string): Group | undefined {
    return this.#groups.get(id) ?? (this.offsets.has(id) ? new Group(id, this.#options) : undefined)
  }

  /** The group, made when it is missing. */
  forJoin(id: string): Group {
    if (id === '') throw new ProtocolError(errorCode.invalidGroupId, 'A group id is not empty.')
    const group = this.#groups.get(id) ?? new Group(id, this.#options)
    this.#groups.set(id, group)
    return group
  }

  /** The group of a member. Without one the member is unknown, and joins again. */
  forMember(id: string): Group {
    const group = this.#groups.get(id)
    if (!group) throw new ProtocolError(errorCode.unknownMemberId, `There is no group '${id}'.`)
    return group
  }

  /** Whether this member may commit now; see Group. */
  checkCommit(id: string, memberId: string, generation: number): void {
    if (id === '') throw new ProtocolError(errorCode.invalidGroupId, 'A group id is not empty.')
    const group = this.#groups.get(id)
    if (group) group.checkCommit(memberId, generation)
    else if (generation >= 0) {
      throw new ProtocolError(errorCode.illegalGeneration, `Group '${id}' has no members.`)
    }
  }

  /** Deletes an empty group and its committed offsets. */
  async delete(id: string): Promise<void> {
    const group = this.find(id)
    if (!group) throw new ProtocolError(errorCode.groupIdNotFound, `There is no group '${id}'.`)
    group.die()
    this.#groups.delete(id)
    await this.offsets.forgetGroup(id)
  }

  close(): void {
    for (const group of this.#groups.values()) group.close()
    this.#groups.clear()
  }
}
