// JoinGroup: v0-6
//
// Answered when the rebalance ends, at the latest after the longest rebalance timeout of the members. From v4 a new member
// gets its id first, with MEMBER_ID_REQUIRED. v1: rebalance timeout of its own; v6: flexible.
// Not supported: static members (a group instance id is accepted and has no effect).

import type { JoinResult } from '../group/group.ts'
import { MemberIdRequired } from '../group/member-id-required.ts'
import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ApiHandler } from './api-handler.ts'
import { outcome } from './outcome.ts'

const LONGEST_SESSION_MS = 30 * 60 * 1000

export const joinGroup: ApiHandler = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 6,
  async handle({ version, body, reply, clientId, clientHost }, broker) {
    const groupId = body.string()
    const sessionTimeoutMs = body.i32()
    const rebalanceTimeoutMs = version >= 1 ? body.i32() : sessionTimeoutMs
    const memberId = body.string()
    if (version >= 5) body.nullableString() // group instance id
    const protocolType = body.string()
    const protocols = body.array(() => {
      const name = body.string()
      // A copy: the view would keep the whole network chunk alive for as long as the member is there.
      const protocolMetadata = Buffer.from(body.bytes())
      body.tags()
      return { name, metadata: protocolMetadata }
    })
    let result: JoinResult = { generation: -1, protocol: '', leaderId: '', memberId, members: [] }
    const { code } = await outcome(async () => {
      if (sessionTimeoutMs < 1 || sessionTimeoutMs > LONGEST_SESSION_MS) {
        throw new ProtocolError(errorCode.invalidSessionTimeout, `A session lasts 1 to ${LONGEST_SESSION_MS} ms.`)
      }
      const mustKnowId = version >= 4
      const member = { memberId, mustKnowId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs }
      try {
        result = await broker.groups.forJoin(groupId).join({ ...member, protocolType, protocols })
      } catch (error) {
        if (error instanceof MemberIdRequired) result = { ...result, memberId: error.memberId }
        throw error
      }
    })
    if (version >= 2) reply.i32(0)
    reply.i16(code).i32(result.generation).string(result.protocol).string(result.leaderId).string(result.memberId)
    reply.array(result.members, (member) => {
      reply.string(member.memberId)
      if (version >= 5) reply.string(null)
      reply.bytes(member.metadata).tags()
    })
    reply.tags()
  },
}
