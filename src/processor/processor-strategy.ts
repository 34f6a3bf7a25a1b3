// The work of a processor for a slice: its state is folded like a projection's rows, its handlers say what to send, and what they
// sent is acknowledged by the brokers before the commit moves the checkpoint.
//
//   fold state ─▶ handler ─▶ encode ──refused──▶ the event is parked, its state stays as it was
//                              └─▶ send all outputs of the slice ──acknowledged──▶ commit state and checkpoint
//                                                                └─aborted──▶ nothing is committed
//
// A death between the acknowledgement and the commit runs the slice again from the same state. The outputs have the same ids
// then, and the next consumer drops the repeats.
import type { Delivery } from '../consumer/entry.ts'
import type { Contribution } from '../checkpoint/commit-statement.ts'
import type { Slice, Strategy, Work } from '../consumer/strategy.ts'
import type { Database } from '../database/database.ts'
import type { Models } from '../database/model.ts'
import type { Processor, ProcessorContext } from '../definition/define-processor.ts'
import type { Emission } from '../definition/send.ts'
import { failureOf } from '../errors/failure-of.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { TopicPartition } from '../kafka/record.ts'
import type { Parking } from '../parking/parked-event.ts'
import type { PreparedEvent } from '../producer/create-emitter.ts'
import type { OutputSender } from '../producer/output-sender.ts'
import type { Judge } from '../projection/fold-slice.ts'
import { ProjectionStrategy } from '../projection/projection-strategy.ts'

export interface ProcessorStrategyOptions {
  readonly models: Models
  readonly database: Database
  readonly outputs: OutputSender
}

export class ProcessorStrategy implements Strategy {
  readonly sliceSize = 1000
  readonly contributions: readonly Contribution[]
  readonly #processor: Processor
  readonly #outputs: OutputSender
  readonly #state: ProjectionStrategy

  /** @throws MillraceError `MILLRACE_MODEL_UNKNOWN`, `MILLRACE_MODEL_UNFIT` */
  constructor(processor: Processor, { models, database, outputs }: ProcessorStrategyOptions) {
    this.#processor = processor
    this.#outputs = outputs
    const { name, version, from, ignore, state } = processor
    this.#state = new ProjectionStrategy(
      { kind: 'projection', name, version, from, ignore, tables: state },
      { models, database },
    )
    this.contributions = this.#state.contributions
  }

  treatment(eventType: string): 'run' | 'ignore' | 'unnamed' {
    const { on, ignore } = this.#processor
    // A tombstone has no handler; it deletes state.
    if (eventType === 'Tombstone' || on[eventType] !== undefined) return 'run'
    return ignore.includes(eventType) ? 'ignore' : 'unnamed'
  }

  claimed(_partitions: readonly TopicPartition[]): Promise<void> {
    return this.#state.claimed()
  }

  async run(slice: Slice): Promise<Work> {
    const outgoing: PreparedEvent[] = []
    const judge: Judge = (delivery, rowOf) =>
      this.#handle(delivery, { state: rowOf as ProcessorContext['state'] }, outgoing)
    const work = await this.#state.run(slice, judge)
    if (work.kind !== 'done') return work
    const sent = await this.#outputs.deliver(outgoing, slice.signal)
    if (sent.kind === 'aborted') return { kind: 'aborted' }
    if (sent.kind === 'refused') {
      // Single records were checked when they were encoded; what the brokers refuse now is a setting of theirs.
      throw new MillraceError(sent.code, `outputs of processor ${this.#processor.name} are refused: ${sent.detail}`, {
        retriable: true,
      })
    }
    return work
  }

  #handle({ event }: Delivery, context: ProcessorContext, outgoing: PreparedEvent[]): Parking | null {
    const handler = this.#processor.on[event.type]
    if (handler === undefined) return null
    let emissions: readonly Emission[]
    try {
      emissions = handler(event as never, context)
    } catch (error) {
      return parked(failureOf(error))
    }
    const prepared = this.#outputs.prepare(event, emissions)
    if (prepared.kind === 'refused') return parked(prepared)
    outgoing.push(...prepared.events)
    return null
  }
}

function parked({ code, detail }: { readonly code: string; readonly detail: string }): Parking {
  return { status: 'parked', reason: 'handler-error', code, detail, dueAt: null }
}
