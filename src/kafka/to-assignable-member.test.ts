import { AssignerProtocol } from 'kafkajs'
import { expect, it } from 'vitest'
import { toAssignableMember } from './to-assignable-member.ts'

const topics = ['a.events']
const saying = (userData: string): Buffer =>
  AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(userData) })
const read = (memberMetadata: Buffer) => toAssignableMember({ memberId: 'm', memberMetadata })

it('reads what a member owns', () => {
  const claim = { owned: { 'a.events': [1, 2] }, generation: 4 }
  expect(read(saying(JSON.stringify(claim)))).toEqual({ memberId: 'm', topics, ...claim })
})

it.each(['', 'no JSON', 'null', '{}', '{"owned":null,"generation":1}', '{"owned":{"a.events":7},"generation":1}'])(
  'takes %j for no claim',
  (userData) => {
    expect(read(saying(userData))).toEqual({ memberId: 'm', topics, owned: {}, generation: -1 })
  },
)

it.each([Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(40, 0x7f), Buffer.alloc(40, 0xff)])(
  'gives nothing to a member that cannot be read',
  (metadata) => {
    expect(read(metadata)).toEqual({ memberId: 'm', topics: [], owned: {}, generation: -1 })
  },
)
