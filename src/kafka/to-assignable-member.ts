// What another member of the group says of itself, read by the leader. A member whose words cannot be read gets nothing: an error
// here would keep all of the group from its partitions.
import { AssignerProtocol } from 'kafkajs'
import type { AssignableMember } from './assign-partitions.ts'
import type { JoinAnswer } from './cluster.ts'

export function toAssignableMember({ memberId, memberMetadata }: JoinAnswer['members'][number]): AssignableMember {
  const nothing = { memberId, topics: [], owned: {}, generation: -1 }
  let metadata: ReturnType<typeof AssignerProtocol.MemberMetadata.decode>
  try {
    metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  } catch {
    return nothing
  }
  const { topics = [], userData } = metadata ?? {}
  try {
    const { owned, generation } = JSON.parse(userData?.toString() ?? '') as Partial<AssignableMember>
    if (typeof generation === 'number' && isClaim(owned)) return { memberId, topics, owned, generation }
  } catch {
    // A member of another program has no claims.
  }
  return { ...nothing, topics }
}

function isClaim(owned: unknown): owned is AssignableMember['owned'] {
  return typeof owned === 'object' && owned !== null && Object.values(owned).every((claimed) => Array.isArray(claimed))
}
