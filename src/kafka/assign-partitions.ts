// Which member of a group reads which partitions. Partition n of all topics with the same number of partitions goes to one
// member (rows keyed alike are then owned by one process), the load is even to within one such unit, and units stay with the
// member that had them as far as the balance allows.

/** A member as the group's leader sees it. */
export interface AssignableMember {
  readonly memberId: string
  readonly topics: readonly string[]
  /** What it read until now; wrong or stale claims do no harm. */
  readonly owned: Readonly<Record<string, readonly number[]>>
  /** The generation of that claim: of two claims the newer counts. */
  readonly generation: number
}

/** Topic to partitions. */
export type Assignment = Record<string, number[]>

interface Unit {
  readonly partition: number
  readonly topics: readonly string[]
}

/** Assigns every partition of every topic that a member subscribes. Every member has an entry, if an empty one. */
export function assignPartitions(
  members: readonly AssignableMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Assignment> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assignments = new Map<string, Assignment>(sorted.map(({ memberId }) => [memberId, {}]))
  const loads = new Map(sorted.map(({ memberId }) => [memberId, 0]))
  for (const { topics, count, subscribers } of coPartitioned(sorted, partitionCounts)) {
    const units = Array.from({ length: count }, (_, partition): Unit => ({ partition, topics }))
    for (const [unit, memberId] of distribute(units, subscribers, loads)) {
      const assignment = assignments.get(memberId) as Assignment
      for (const topic of unit.topics) (assignment[topic] ??= []).push(unit.partition)
      loads.set(memberId, (loads.get(memberId) ?? 0) + unit.topics.length)
    }
  }
  return assignments
}

/** Topics with one partition count and the same subscribers; subscribers differ only while a deployment is under way. */
function coPartitioned(
  members: readonly AssignableMember[],
  partitionCounts: ReadonlyMap<string, number>,
): { topics: string[]; count: number; subscribers: AssignableMember[] }[] {
  const groups = new Map<string, { topics: string[]; count: number; subscribers: AssignableMember[] }>()
  for (const topic of [...partitionCounts.keys()].sort()) {
    const count = partitionCounts.get(topic) ?? 0
    const subscribers = members.filter(({ topics }) => topics.includes(topic))
    if (subscribers.length === 0) continue
    const identity = `${count} ${subscribers.map(({ memberId }) => memberId).join(' ')}`
    const group = groups.get(identity)
    if (group === undefined) groups.set(identity, { topics: [topic], count, subscribers })
    else group.topics.push(topic)
  }
  return [...groups.values()]
}

function distribute(
  units: readonly Unit[],
  subscribers: readonly AssignableMember[],
  loads: ReadonlyMap<string, number>,
): [Unit, string][] {
  const fair = Math.floor(units.length / subscribers.length)
  let oneMore = units.length % subscribers.length
  const kept = new Map<string, Unit[]>(subscribers.map(({ memberId }) => [memberId, []]))
  const free: Unit[] = []
  for (const unit of units) {
    const owner = claimantOf(unit, subscribers)
    const units = owner === undefined ? undefined : kept.get(owner)
    if (units !== undefined && units.length < fair) units.push(unit)
    else if (units !== undefined && units.length === fair && oneMore > 0) {
      oneMore -= 1
      units.push(unit)
    } else free.push(unit)
  }
  for (const unit of free) {
    const [least] = subscribers
      .map(({ memberId }) => ({ memberId, units: kept.get(memberId) ?? [], load: loads.get(memberId) ?? 0 }))
      .sort((a, b) => a.units.length - b.units.length || a.load - b.load || (a.memberId < b.memberId ? -1 : 1))
    least?.units.push(unit)
  }
  return [...kept].flatMap(([memberId, units]) => units.map((unit): [Unit, string] => [unit, memberId]))
}

function claimantOf(unit: Unit, subscribers: readonly AssignableMember[]): string | undefined {
  let newest: AssignableMember | undefined
  for (const member of subscribers) {
    const claims = unit.topics.some((topic) => member.owned[topic]?.includes(unit.partition) === true)
    if (claims && (newest === undefined || member.generation > newest.generation)) newest = member
  }
  return newest?.memberId
}
