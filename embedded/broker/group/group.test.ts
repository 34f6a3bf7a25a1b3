import { describe, expect, it } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { errorCode } from '../wire/error-code.ts'
import { Group, type JoinRequest, type JoinResult } from './group.ts'
import { MemberIdRequired } from './member-id-required.ts'

const metadata = Buffer.from('topics')
const assignment = Buffer.from('partitions')

const request = (more: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: '',
  mustKnowId: false,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata }],
  ...more,
})

function newGroup() {
  const clock = new ManualClock()
  return { clock, group: new Group('g', { clock, initialRebalanceDelayMs: 100 }) }
}

/** A group with this many members that all have their assignment. */
async function stableGroup(count: number) {
  const { clock, group } = newGroup()
  const joining = Array.from({ length: count }, () => group.join(request()))
  await clock.advance(100)
  const joined = await Promise.all(joining)
  await syncAll(group, joined)
  expect(group.state).toBe('Stable')
  return { clock, group, joined }
}

function syncAll(group: Group, joined: readonly JoinResult[]) {
  return Promise.all(
    joined.map(({ memberId, generation, members }) =>
      group.sync(
        memberId,
        generation,
        members.map((member) => ({ memberId: member.memberId, assignment })),
      ),
    ),
  )
}

const refusedWith = (code: number): unknown => expect.objectContaining({ code })

describe('Group', () => {
  it('gathers the members of an empty group into one rebalance and makes one of them the leader', async () => {
    const { clock, group } = newGroup()
    const joining = [group.join(request()), group.join(request())]
    expect(group.state).toBe('PreparingRebalance')
    await clock.advance(99)
    expect(group.state).toBe('PreparingRebalance')
    await clock.advance(1)
    const [leader, follower] = await Promise.all(joining)
    expect(group.state).toBe('CompletingRebalance')
    expect(leader).toMatchObject({ generation: 1, protocol: 'range', leaderId: leader!.memberId })
    expect(leader!.members.map(({ memberId }) => memberId)).toEqual([leader!.memberId, follower!.memberId])
    expect(follower!.members).toEqual([])
    expect(await syncAll(group, [follower!, leader!])).toEqual([assignment, assignment])
    expect(group.state).toBe('Stable')
  })

  it('gives a new member its id first, and waits for it until its session would have ended', async () => {
    const { clock, group } = newGroup()
    const refusal = await group.join(request({ mustKnowId: true })).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(MemberIdRequired)
    const { memberId } = refusal as MemberIdRequired
    const joining = group.join(request({ mustKnowId: true, memberId }))
    await clock.advance(100)
    expect((await joining).memberId).toBe(memberId)
    await expect(group.join(request({ memberId: 'somebody' }))).rejects.toEqual(refusedWith(errorCode.unknownMemberId))
  })

  it('lets everybody rejoin when a member joins, and drops who does not in time', async () => {
    const { clock, group, joined } = await stableGroup(2)
    const [leader, silent] = joined
    const newcomer = group.join(request())
    expect(group.state).toBe('PreparingRebalance')
    expect(() => group.heartbeat(leader!.memberId, 1)).toThrow(refusedWith(errorCode.rebalanceInProgress))
    const rejoined = group.join(request({ memberId: leader!.memberId }))
    await clock.advance(60_000)
    expect((await rejoined).generation).toBe(2)
    expect((await newcomer).leaderId).toBe(leader!.memberId)
    expect(group.members().map(({ id }) => id)).not.toContain(silent!.memberId)
    expect(() => group.heartbeat(silent!.memberId, 2)).toThrow(refusedWith(errorCode.unknownMemberId))
  })

  it('ends the rebalance as soon as all have rejoined', async () => {
    const { group, joined } = await stableGroup(2)
    const joining = [group.join(request()), ...joined.map(({ memberId }) => group.join(request({ memberId })))]
    expect((await Promise.all(joining)).map(({ generation }) => generation)).toEqual([2, 2, 2])
  })

  it('rebalances when a session runs out, not before, and becomes empty with the last member', async () => {
    const { clock, group, joined } = await stableGroup(2)
    await clock.advance(9000)
    group.heartbeat(joined[0]!.memberId, 1)
    await clock.advance(1500)
    expect(group.state).toBe('PreparingRebalance')
    expect(group.members().map(({ id }) => id)).toEqual([joined[0]!.memberId])
    await clock.advance(10_000)
    expect(group.state).toBe('Empty')
  })

  it('rebalances when a member leaves', async () => {
    const { group, joined } = await stableGroup(2)
    group.leave(joined[1]!.memberId)
    expect(group.state).toBe('PreparingRebalance')
    expect((await group.join(request({ memberId: joined[0]!.memberId }))).generation).toBe(2)
    expect(() => group.leave(joined[1]!.memberId)).toThrow(refusedWith(errorCode.unknownMemberId))
  })

  it('answers a follower that joins again unchanged without a rebalance, and rebalances for the leader', async () => {
    const { group, joined } = await stableGroup(2)
    expect((await group.join(request({ memberId: joined[1]!.memberId }))).generation).toBe(1)
    expect(group.state).toBe('Stable')
    void group.join(request({ memberId: joined[0]!.memberId }))
    expect(group.state).toBe('PreparingRebalance')
  })

  it('sends waiting followers back when the leader dies before it assigned', async () => {
    const { clock, group } = newGroup()
    const joining = [group.join(request({ sessionTimeoutMs: 1000 })), group.join(request())]
    await clock.advance(100)
    const [, follower] = await Promise.all(joining)
    const sync = group.sync(follower!.memberId, 1, [])
    const refusal = sync.catch((error: unknown) => error)
    await clock.advance(1000)
    expect(await refusal).toEqual(refusedWith(errorCode.rebalanceInProgress))
    expect(group.state).toBe('PreparingRebalance')
  })

  it('removes only those who do not sync within the rebalance timeout', async () => {
    const { clock, group } = newGroup()
    const patient = { sessionTimeoutMs: 500_000, rebalanceTimeoutMs: 5000 }
    const joining = [group.join(request(patient)), group.join(request(patient))]
    await clock.advance(100)
    const [leader, follower] = await Promise.all(joining)
    const refusal = group.sync(follower!.memberId, 1, []).catch((error: unknown) => error)
    await clock.advance(5000)
    expect(await refusal).toEqual(refusedWith(errorCode.rebalanceInProgress))
    expect(group.members().map(({ id }) => id)).toEqual([follower!.memberId])
    expect(() => group.heartbeat(leader!.memberId, 1)).toThrow(refusedWith(errorCode.unknownMemberId))
  })

  it('refuses an old generation, an unknown member and an assignor that the others do not know', async () => {
    const { group, joined } = await stableGroup(1)
    expect(() => group.heartbeat(joined[0]!.memberId, 0)).toThrow(refusedWith(errorCode.illegalGeneration))
    await expect(group.sync('somebody', 1, [])).rejects.toEqual(refusedWith(errorCode.unknownMemberId))
    await expect(group.join(request({ protocols: [{ name: 'other', metadata }] }))).rejects.toEqual(
      refusedWith(errorCode.inconsistentGroupProtocol),
    )
    await expect(group.join(request({ protocolType: 'connect' }))).rejects.toEqual(
      refusedWith(errorCode.inconsistentGroupProtocol),
    )
  })

  it('takes commits from members of the generation, and from nobody in particular only while it is empty', async () => {
    const { group, joined } = await stableGroup(1)
    const [member] = joined
    group.checkCommit(member!.memberId, 1)
    expect(() => group.checkCommit(member!.memberId, 0)).toThrow(refusedWith(errorCode.illegalGeneration))
    expect(() => group.checkCommit('', -1)).toThrow(refusedWith(errorCode.unknownMemberId))
    group.leave(member!.memberId)
    expect(group.state).toBe('Empty')
    group.checkCommit('', -1)
  })

  it('dies only without members, and knows nobody then', async () => {
    const { group, joined } = await stableGroup(1)
    expect(() => group.die()).toThrow(refusedWith(errorCode.nonEmptyGroup))
    group.leave(joined[0]!.memberId)
    group.die()
    await expect(group.join(request())).rejects.toEqual(refusedWith(errorCode.unknownMemberId))
  })
})
