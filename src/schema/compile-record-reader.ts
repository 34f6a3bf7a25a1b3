// Makes the function that reads one record. It is put together as code, so that V8 sees one object literal and calls with fixed
// targets: a loop over fields costs several times as much. Field names get into the code as JSON strings and in no other way.
import type { ByteCursor } from './byte-cursor.ts'

export type Read = (cursor: ByteCursor) => unknown

export interface RecordPlan {
  /** In the writer's order: what to call, and the reader's field it fills, or null for bytes that only have to be passed over. */
  readonly steps: readonly { readonly read: Read; readonly field: string | null }[]
  /** The reader's fields in its order; those that no step fills are made by a function. */
  readonly fields: readonly { readonly name: string; readonly make: (() => unknown) | null }[]
}

/** Compiles a record's plan. */
export function compileRecordReader(plan: RecordPlan): Read {
  const filled = new Map(plan.steps.map((step, index) => [step.field, index]))
  const properties = plan.fields.map(({ name, make }, index) => {
    const value = make === null ? `v${filled.get(name)}` : `m${index}()`
    return `[${JSON.stringify(name)}]: ${value}`
  })
  const reads = plan.steps.map((step) => step.read)
  const makes = plan.fields.map((field) => field.make)
  const names = [...reads.map((_, index) => `r${index}`), ...makes.map((_, index) => `m${index}`)]
  const body = reads.map((_, index) => `const v${index} = r${index}(cursor);`)
  const code = `"use strict"; return (cursor) => { ${body.join(' ')} return { ${properties.join(', ')} }; };`
  // oxlint-disable-next-line typescript/no-implied-eval -- see above; only quoted field names and numbers get into the text.
  const build = new Function(...names, code) as (...parts: readonly unknown[]) => Read
  return build(...reads, ...makes)
}
