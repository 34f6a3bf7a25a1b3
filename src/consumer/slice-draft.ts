// The verdicts on the events of one slice, until its commit makes them true. A slice that is run again starts from a new draft,
// so nothing of a run that was not committed is left behind.
import type { Counts } from '../checkpoint/checkpoint.ts'
import { type ParkedKeys, parkingKey } from '../parking/parked-keys.ts'
import type { ParkedWrite, Parking } from '../parking/parked-event.ts'
import type { Delivery, Entry, Refusal } from './entry.ts'

export class SliceDraft {
  /** Events to park, new or again. */
  readonly writes: ParkedWrite[] = []
  /** Offsets of parked events that are done. */
  readonly done: bigint[] = []
  readonly #parked: ParkedKeys
  readonly #origin: 'log' | 'parked'
  /** Where each key's first failure of this slice lies: later events of the key go behind it. */
  readonly #blocked = new Map<string, bigint>()
  /** How many parked events of which key the commit adds or takes away. */
  readonly #changes: (readonly [string, number])[] = []
  #applied = 0
  #repeated = 0
  #filtered = 0
  #parkedNew = 0

  /**
   * @param parked the keys with parked events, as committed
   * @param origin parked events of one key are not behind themselves
   */
  constructor(parked: ParkedKeys, entries: readonly Entry[], origin: 'log' | 'parked') {
    this.#parked = parked
    this.#origin = origin
    for (const entry of entries) {
      if (entry.kind === 'repeated') this.#repeated += 1
      else if (entry.kind === 'filtered') this.#filtered += 1
      else if (entry.kind === 'refused') this.#write(entry, entry.eventId, entry.eventType, entry.parking)
    }
  }

  /**
   * Whether an earlier event of this event's key is parked; the event is then parked behind it, and must not run. Asked for
   * every event right before it runs, in order per key.
   */
  goesBehind(delivery: Delivery): boolean {
    if (this.#parked.size === 0 && this.#blocked.size === 0) return false
    const key = parkingKey(delivery.record.key)
    if (key === null) return false
    const blocked = this.#blocked.get(key)
    const isBehind =
      (blocked !== undefined && blocked < delivery.record.offset) || (this.#origin === 'log' && this.#parked.has(key))
    if (!isBehind) return false
    // What lies in millrace.parked already stays as it is.
    if (delivery.parked === null) this.park(delivery, BEHIND)
    return true
  }

  /** The event took effect, or has none by its definition. */
  apply(delivery: Delivery): void {
    if (delivery.parked === null) this.#applied += 1
    else this.release(delivery.record.key, delivery.record.offset)
  }

  /** The event is parked; later ones of its key go behind it. */
  park(delivery: Delivery, parking: Parking): void {
    this.#write(delivery, delivery.event.id, delivery.event.type, parking)
  }

  get counts(): Counts {
    return {
      applied: this.#applied,
      repeated: this.#repeated,
      filtered: this.#filtered,
      parked: this.#parkedNew,
    }
  }

  /** Takes the verdicts over into the keys, after the commit. */
  accept(): void {
    for (const [key, by] of this.#changes) this.#parked.change(key, by)
  }

  /** A parked event leaves: it took effect, or somebody discarded it. */
  release(key: Buffer | null, offset: bigint): void {
    this.done.push(offset)
    const name = parkingKey(key)
    if (name !== null) this.#changes.push([name, -1])
  }

  #write(from: Delivery | Refusal, eventId: string, eventType: string | null, parking: Parking): void {
    const { record, parked } = from
    const ran = parking.status === 'behind' ? 0 : 1
    this.writes.push({ record, eventId, eventType, parking, attempts: from.attempts + ran })
    const key = parkingKey(record.key)
    if (parked === null) this.#parkedNew += 1
    if (key === null) return
    if (parked === null) this.#changes.push([key, 1])
    const blocked = this.#blocked.get(key)
    if (blocked === undefined || record.offset < blocked) this.#blocked.set(key, record.offset)
  }
}

const BEHIND: Parking = {
  status: 'behind',
  reason: 'behind',
  code: 'BEHIND',
  detail: 'an earlier event of this key is parked',
  dueAt: null,
}
