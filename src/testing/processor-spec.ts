// given/when/then for processors, without a broker and a database: events in the order a test names them, state folded in memory.
import type { Processor, ProcessorContext } from '../definition/define-processor.ts'
import type { Event } from '../definition/event-type.ts'
import type { Emission } from '../definition/send.ts'
import { checkData } from './check-data.ts'
import { compareEmissions } from './compare-emissions.ts'
import { foldTable, keysOf, keyText } from './fold-table.ts'
import type { SpecRows } from './fold-table.ts'
import { specEvent } from './spec-event.ts'

export interface ProcessorSpec {
  /** Events before those in question: they make the state; what they send is not looked at. */
  readonly given: (events: readonly Emission[]) => ProcessorSpec
  /** The events in question. */
  readonly when: (events: readonly Emission[]) => {
    /**
     * Compares what the events in question send, in order; ids and times only where the expected event names them.
     * @throws AssertionError when it is something else
     */
    readonly then: (expected: readonly Emission[]) => void
  }
}

/** Begins a test of a processor: `processorSpec(p).given([…]).when([…]).then([send(…)])`. */
export function processorSpec(processor: Processor): ProcessorSpec {
  return after(processor, [])
}

function after(processor: Processor, given: readonly Emission[]): ProcessorSpec {
  return {
    given: (events) => after(processor, [...given, ...events]),
    when: (events) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- given/when/then is the name people look for; a spec is never awaited itself.
      then: (expected) => {
        checkData([...given, ...events])
        const sent = run(processor, [...given, ...events].map(specEvent))
        compareEmissions(sent.slice(given.length).flat(), expected)
      },
    }),
  }
}

/** What each event sends. */
function run(processor: Processor, events: readonly Event[]): (readonly Emission[])[] {
  const tables = Object.entries(processor.state).map(([model, table]) => ({
    model,
    table,
    rows: new Map() as SpecRows,
  }))
  return events.map((event) => {
    for (const { table, rows } of tables) foldTable(table, rows, event, null)
    const state = (model: string): unknown => {
      const kept = tables.find((candidate) => candidate.model === model)
      const [key] = kept === undefined ? [] : keysOf(kept.table, event)
      return (key === undefined ? undefined : kept?.rows.get(keyText(key))) ?? null
    }
    const handle = processor.on[event.type] as
      | ((event: Event, context: ProcessorContext) => readonly Emission[])
      | undefined
    return handle?.(event, { state } as ProcessorContext) ?? []
  })
}
