// One consumer group of the classic protocol. Everything happens in calls and timers of one event loop, so each step is
// atomic; join() and sync() return promises that the state machine keeps until it can answer.
//
//                    first join                        all rejoined, or the rebalance timeout
//      Empty ─────────────────────> PreparingRebalance ─────────────────────────────────────> CompletingRebalance
//        ^  ^                        ^    ^   │                                                   │         │
//        │  │ nobody rejoined        │    │   └─ (timeout, nobody left) ─> Empty                  │         │
//        │  └────────────────────────┼────┘                                                       │         │
//        │                           │       a member joins, leaves, expires, or does not sync    │         │
//        │                           ├────────────────────────────────────────────────────────────┘         │
//        │                           │                                              the leader's sync       │
//        │  last member leaves       │  a member joins anew, leaves or expires                              v
//        └───────────────────────────┴───────────────────────────────────────────────────────────────── Stable
//
//      Empty ── deleted by an admin ──> Dead: every call is refused with UNKNOWN_MEMBER_ID
//
// The generation rises each time PreparingRebalance ends. A member counts as alive while a call of it waits here; from
// each answer on its session timeout runs. Static members (group.instance.id) are treated as ordinary ones.

import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { MemberIdRequired } from './member-id-required.ts'

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

export type Protocol = { readonly name: string; readonly metadata: Buffer }

export type JoinRequest = {
  /** Empty for a member that has no id yet. */
  readonly memberId: string
  /** Whether the version makes a new member come back with the id that it is given. */
  readonly mustKnowId: boolean
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly Protocol[]
}

export type JoinResult = {
  readonly generation: number
  readonly protocol: string
  readonly leaderId: string
  readonly memberId: string
  /** Only the leader gets the members, because it assigns. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

type Waiter<T> = { resolve: (value: T) => void; reject: (error: ProtocolError) => void }

export type Member = {
  readonly id: string
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly Protocol[]
  assignment: Buffer
  joining: Waiter<JoinResult> | null
  syncing: Waiter<Buffer> | null
  stopSession: () => void
}

export type GroupOptions = {
  readonly clock: Clock
  /** How long the first member of an empty group waits for others, so that they start with one rebalance. */
  readonly initialRebalanceDelayMs: number
}

export class Group {
  readonly id: string
  readonly #options: GroupOptions
  readonly #members = new Map<string, Member>()
  /** Ids given out with MEMBER_ID_REQUIRED that have not come back yet, each with the end of its waiting. */
  readonly #expected = new Map<string, () => void>()
  #state: GroupState = 'Empty'
  #generation = 0
  #protocolType = ''
  #protocol = ''
  #leaderId = ''
  #stopRebalance: () => void = () => {}
  /** An empty group waits for its delay to pass, even when all who have joined are here. */
  #isFirstRebalance = false

  constructor(id: string, options: GroupOptions) {
    this.id = id
    this.#options = options
  }

  get state(): GroupState {
    return this.#state
  }

  get generation(): number {
    return this.#generation
  }

  get protocolType(): string {
    return this.#protocolType
  }

  /** The assignor that the members agreed on; empty while there is none. */
  get protocol(): string {
    return this.#protocol
  }

  members(): Member[] {
    return [...this.#members.values()]
  }

  async join(request: JoinRequest): Promise<JoinResult> {
    this.#refuseWhenDead()
    if (request.memberId !== '' && !this.#members.has(request.memberId) && !this.#expected.has(request.memberId)) {
      throw this.#unknownMember(request.memberId)
    }
    this.#checkProtocols(request)
    if (request.memberId === '' && request.mustKnowId) throw new MemberIdRequired(this.#expectMember(request))
    const member = this.#members.get(request.memberId)
    return member ? this.#rejoin(member, request) : this.#joinNew(request)
  }

  async sync(
    memberId: string,
    generation: number,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<Buffer> {
    const member = this.#memberOf(memberId, generation)
    if (this.#state === 'PreparingRebalance') throw this.#rebalancing()
    this.#restartSession(member)
    if (this.#state === 'Stable') return member.assignment
    const answer = new Promise<Buffer>((resolve, reject) => {
      member.syncing = { resolve, reject }
    })
    if (memberId === this.#leaderId) this.#assign(assignments)
    return answer
  }

  heartbeat(memberId: string, generation: number): void {
    this.#restartSession(this.#memberOf(memberId, generation))
    if (this.#state === 'PreparingRebalance') throw this.#rebalancing()
  }

  leave(memberId: string): void {
    this.#refuseWhenDead()
    const stopExpecting = this.#expected.get(memberId)
    if (stopExpecting) {
      stopExpecting()
      this.#expected.delete(memberId)
      this.#completeWhenAllJoined()
      return
    }
    const member = this.#members.get(memberId)
    if (!member) throw this.#unknownMember(memberId)
    this.#remove(member)
  }

  /** Whether this member may commit now. A commit without member and generation is allowed to an empty group only. */
  checkCommit(memberId: string, generation: number): void {
    if (generation < 0 && memberId === '' && this.#state === 'Empty') return
    const member = this.#memberOf(memberId, generation)
    this.#restartSession(member)
    if (this.#state === 'CompletingRebalance') throw this.#rebalancing()
  }

  /** Ends an empty group. */
  die(): void {
    this.#refuseWhenDead()
    if (this.#members.size > 0) throw new ProtocolError(errorCode.nonEmptyGroup, `Group ${this.id} has members.`)
    this.#state = 'Dead'
    this.#dropTimers()
  }

  /** Refuses everything that waits, because the broker stops. */
  close(): void {
    this.#state = 'Dead'
    this.#dropTimers()
    const stopping = new ProtocolError(errorCode.coordinatorNotAvailable, 'The broker stops.')
    for (const member of this.#members.values()) this.#refuseWaiting(member, stopping)
  }

  #joinNew(request: JoinRequest): Promise<JoinResult> {
    const id = request.memberId || newMemberId(request.clientId)
    this.#expected.get(id)?.()
    this.#expected.delete(id)
    const member: Member = {
      id,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      protocols: request.protocols,
      assignment: Buffer.alloc(0),
      joining: null,
      syncing: null,
      stopSession: () => {},
    }
    this.#members.set(id, member)
    this.#protocolType = request.protocolType
    return this.#waitForRebalance(member)
  }

  #rejoin(member: Member, request: JoinRequest): Promise<JoinResult> {
    const isUnchanged = sameProtocols(member.protocols, request.protocols)
    // A repeat of a request whose answer was lost must not throw the whole group into another rebalance.
    const mayStay =
      isUnchanged &&
      (this.#state === 'CompletingRebalance' || (this.#state === 'Stable' && member.id !== this.#leaderId))
    member.protocols = request.protocols
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
    if (mayStay) {
      this.#restartSession(member)
      return Promise.resolve(this.#resultFor(member))
    }
    return this.#waitForRebalance(member)
  }

  #waitForRebalance(member: Member): Promise<JoinResult> {
    member.joining?.reject(this.#unknownMember(member.id))
    member.stopSession()
    const answer = new Promise<JoinResult>((resolve, reject) => {
      member.joining = { resolve, reject }
    })
    if (this.#state === 'Empty') this.#prepareFirst()
    else if (this.#state !== 'PreparingRebalance') this.#prepare()
    this.#completeWhenAllJoined()
    return answer
  }

  /** An empty group waits a moment for other members; nobody who is already in it has to be waited for. */
  #prepareFirst(): void {
    this.#state = 'PreparingRebalance'
    this.#isFirstRebalance = true
    this.#stopRebalance = this.#options.clock.after(this.#options.initialRebalanceDelayMs, () => {
      this.#isFirstRebalance = false
      if (this.#expected.size === 0) this.#complete()
      else this.#prepare()
    })
  }

  #prepare(): void {
    for (const member of this.#members.values()) {
      member.syncing?.reject(this.#rebalancing())
      if (member.syncing) this.#restartSession(member)
      member.syncing = null
    }
    this.#stopRebalance()
    this.#state = 'PreparingRebalance'
    this.#isFirstRebalance = false
    const longest = Math.max(1, ...this.members().map((member) => member.rebalanceTimeoutMs))
    this.#stopRebalance = this.#options.clock.after(longest, () => {
      this.#complete()
    })
  }

  #completeWhenAllJoined(): void {
    if (this.#state !== 'PreparingRebalance' || this.#isFirstRebalance || this.#expected.size > 0) return
    if (this.members().every((member) => member.joining)) this.#complete()
  }

  #complete(): void {
    this.#stopRebalance()
    for (const member of this.members()) {
      if (member.joining) continue
      member.stopSession()
      this.#members.delete(member.id)
    }
    this.#generation++
    if (this.#members.size === 0) {
      this.#becomeEmpty()
      return
    }
    this.#state = 'CompletingRebalance'
    this.#protocol = this.#vote()
    if (!this.#members.has(this.#leaderId)) this.#leaderId = this.members()[0]!.id
    for (const member of this.#members.values()) {
      const waiter = member.joining
      member.joining = null
      member.assignment = Buffer.alloc(0)
      this.#restartSession(member)
      waiter?.resolve(this.#resultFor(member))
    }
    // A leader that keeps its session alive but never assigns must not hold the others for ever.
    const longest = Math.max(...this.members().map((member) => member.rebalanceTimeoutMs))
    this.#stopRebalance = this.#options.clock.after(longest, () => {
      // Taken before the first removal, because that refuses the waiting ones to rebalance.
      const silent = this.members().filter((member) => !member.syncing)
      for (const member of silent) this.#remove(member)
    })
  }

  #assign(assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]): void {
    this.#stopRebalance()
    this.#state = 'Stable'
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
    for (const member of this.#members.values()) {
      // A copy: the view into the request would keep the whole network chunk alive for as long as the group is stable.
      member.assignment = Buffer.from(byMember.get(member.id) ?? [])
      const waiter = member.syncing
      member.syncing = null
      this.#restartSession(member)
      waiter?.resolve(member.assignment)
    }
  }

  #remove(member: Member): void {
    member.stopSession()
    this.#members.delete(member.id)
    this.#refuseWaiting(member, this.#unknownMember(member.id))
    if (this.#state === 'Stable' || this.#state === 'CompletingRebalance') this.#prepare()
    this.#completeWhenAllJoined()
  }

  #becomeEmpty(): void {
    this.#state = 'Empty'
    this.#protocol = ''
    this.#leaderId = ''
  }

  #expectMember(request: JoinRequest): string {
    const id = newMemberId(request.clientId)
    const stop = this.#options.clock.after(request.sessionTimeoutMs, () => {
      this.#expected.delete(id)
      this.#completeWhenAllJoined()
    })
    this.#expected.set(id, stop)
    return id
  }

  #restartSession(member: Member): void {
    member.stopSession()
    member.stopSession = this.#options.clock.after(member.sessionTimeoutMs, () => {
      // While a call of it waits here the member is alive, however long the others take.
      if (member.joining || member.syncing) return
      this.#remove(member)
    })
  }

  /** The assignor that most members put first among those that all of them know. */
  #vote(): string {
    const common = this.#commonProtocols()
    const votes = new Map<string, number>()
    for (const member of this.#members.values()) {
      const choice = member.protocols.find((protocol) => common.has(protocol.name))
      if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
    }
    return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ''
  }

  #commonProtocols(except?: string): Set<string> {
    const others = this.members().filter((member) => member.id !== except)
    const [first, ...rest] = others.map((member) => member.protocols.map((protocol) => protocol.name))
    return new Set(first?.filter((name) => rest.every((names) => names.includes(name))))
  }

  #checkProtocols(request: JoinRequest): void {
    const others = this.members().filter((member) => member.id !== request.memberId)
    const common = this.#commonProtocols(request.memberId)
    const fits =
      request.protocols.length > 0 &&
      request.protocolType !== '' &&
      (others.length === 0 ||
        (request.protocolType === this.#protocolType && request.protocols.some(({ name }) => common.has(name))))
    if (!fits) {
      throw new ProtocolError(
        errorCode.inconsistentGroupProtocol,
        `Group ${this.id}: the member shares no assignor with the others.`,
      )
    }
  }

  #resultFor(member: Member): JoinResult {
    const members =
      member.id === this.#leaderId
        ? this.members().map(({ id, protocols }) => ({
            memberId: id,
            metadata: protocols.find(({ name }) => name === this.#protocol)?.metadata ?? Buffer.alloc(0),
          }))
        : []
    return {
      generation: this.#generation,
      protocol: this.#protocol,
      leaderId: this.#leaderId,
      memberId: member.id,
      members,
    }
  }

  #memberOf(memberId: string, generation: number): Member {
    this.#refuseWhenDead()
    const member = this.#members.get(memberId)
    if (!member) throw this.#unknownMember(memberId)
    if (generation !== this.#generation) {
      throw new ProtocolError(
        errorCode.illegalGeneration,
        `Group ${this.id} is in generation ${this.#generation}, not ${generation}.`,
      )
    }
    return member
  }

  #refuseWaiting(member: Member, error: ProtocolError): void {
    member.joining?.reject(error)
    member.syncing?.reject(error)
    member.joining = null
    member.syncing = null
  }

  #dropTimers(): void {
    this.#stopRebalance()
    for (const stop of this.#expected.values()) stop()
    this.#expected.clear()
    for (const member of this.#members.values()) member.stopSession()
  }

  #refuseWhenDead(): void {
    if (this.#state === 'Dead') throw this.#unknownMember('')
  }

  #unknownMember(memberId: string): ProtocolError {
    return new ProtocolError(errorCode.unknownMemberId, `Group ${this.id} has no member '${memberId}'.`)
  }

  #rebalancing(): ProtocolError {
    return new ProtocolError(errorCode.rebalanceInProgress, `Group ${this.id} is rebalancing.`)
  }
}

function newMemberId(clientId: string): string {
  return `${clientId}-${randomUUID()}`
}

function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return (
    a.length === b.length && a.every(({ name, metadata }, i) => name === b[i]!.name && metadata.equals(b[i]!.metadata))
  )
}
