// What the compiler says to mistakes in definitions. Each is a file of its own over definitions.ts, and one run of the compiler
// checks them all: the message has to name the mistake, since it is all that its author sees.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = resolve('.cache/mistakes')

const projection = (evolve: string, over = "ignore: ['Closed']"): string =>
  `defineProjection({
    name: 'p', from: [doors], ${over},
    tables: { TypedDoor: { key: ({ data }) => data.doorId, initial: { opened: 0 }, evolve: { ${evolve} } } },
  })`

const mistakes: readonly (readonly [mistake: string, code: string, message: RegExp])[] = [
  ['an event without a fold', projection('Opened: (row) => row', 'ignore: []'), /Property 'Closed' is missing/],
  [
    'a fold for an event that there is not',
    projection('Opened: (row) => row, Opend: (row) => row'),
    /"'Opend' is no event of its topics, or is one that it ignores"/,
  ],
  [
    'a fold for an event that is ignored',
    projection('Opened: (row) => row, Closed: () => null'),
    /"'Closed' is no event of its topics, or is one that it ignores"/,
  ],
  [
    'a field that the row does not have',
    projection('Opened: (row) => ({ ...row, opend: 1 })'),
    /"TypedDoor has no field 'opend'"/,
  ],
  [
    'a value of a wrong type in a row',
    projection("Opened: (row) => ({ ...row, opened: 'once' })"),
    /Type 'string' is not assignable to type 'number'/,
  ],
  [
    'a field that the data does not have',
    projection('Opened: (row, { data }) => ({ ...row, note: data.bye })'),
    /Property 'bye' does not exist on type 'OpenedData'/,
  ],
  [
    'an event to ignore that there is not',
    projection('Opened: (row) => row', "ignore: ['Closd']"),
    /'"Closd"' is not assignable.*Did you mean '"Closed"'\?/,
  ],
  [
    'a model that there is not',
    projection('Opened: (row) => row').replace('TypedDoor', 'TypedDor'),
    /'TypedDor' does not exist.*Did you mean to write 'TypedDoor'\?/,
  ],
  [
    'data of a tombstone in a key',
    `defineProjection({
      name: 'p', from: [bells],
      tables: { TypedDoor: { key: ({ data }) => data.bellId, initial: { opened: 0 }, evolve: { Rung: (row) => row } } },
    })`,
    /'data' is possibly 'null'/,
  ],
  [
    'an event of another topic sent',
    "send(doors, Rung({ bellId: 'b' }))",
    /'NewEvent<"Rung", .*' is not assignable .*[^]*Type '"Rung"' is not assignable to type '"Closed"'/,
  ],
  [
    'a tombstone for a topic that keeps events',
    "sendTombstone(doors, 'd')",
    /Type '"delete"' is not assignable to type '"compact"'/,
  ],
  ['data without a field', "Opened({ doorId: 'd' })", /Property 'by' is missing in type '{ doorId: string; }'/],
  [
    'data with a field too many',
    "Opened({ doorId: 'd', by: 'b', bye: 'c' })",
    /'bye' does not exist in type 'OpenedData'/,
  ],
  [
    'a record key that not every event has',
    "defineTopic({ name: 't', key: 'by', events: [Opened, Closed] })",
    /Type '"by"' is not assignable to type '"doorId"'/,
  ],
  [
    'an event without a handler of a worker',
    "defineWorker({ name: 'w', from: [doors], handle: { Opened: () => [] } })",
    /Property 'Closed' is missing/,
  ],
  [
    'a handler of a worker for an event that there is not',
    "defineWorker({ name: 'w', from: [doors], handle: { Opened: () => [], Closed: () => [], Opend: () => [] } })",
    /'Opend' does not exist in type/,
  ],
  [
    'a topic that a worker does not send to',
    "defineWorker({ name: 'w', from: [bells], to: [doors], handle: { Rung: () => [send(bells, Rung({ bellId: 'b' }))] } })",
    /Type '"Rung"' is not assignable to type '"Closed"'/,
  ],
  [
    'an event without a handler of a processor',
    "defineProcessor({ name: 'p', from: [doors], to: [bells], on: { Opened: () => [] } })",
    /Property 'Closed' is missing/,
  ],
]

const header = `import { defineProcessor, defineProjection, defineTopic, defineWorker, send, sendTombstone } from 'millrace'
import { bells, Closed, doors, Opened, Rung } from '../../tests/types/definitions.ts'
export const used = [defineProcessor, defineProjection, defineTopic, defineWorker, send, sendTombstone, bells, Closed, doors, Opened, Rung]
`

let output: string

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  mistakes.forEach(([, code], at) =>
    writeFileSync(join(folder, `m${at}.ts`), `${header}const mistake: unknown = ${code}\nvoid mistake\n`),
  )
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { rootDir: '../..', declaration: false },
    include: ['*.ts'],
    exclude: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  output = await new Promise((done) => {
    const args = [resolve('node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', folder]
    execFile(process.execPath, args, { cwd: folder }, (_, stdout) => done(stdout))
  })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(mistakes.map(([mistake, , message], at) => ({ mistake, message, at })))('$mistake', ({ message, at }) => {
  // A finding begins in the first column; the lines that explain it are indented.
  const findings = output.split(/\n(?=\S)/).filter((finding) => finding.startsWith(`m${at}.ts(`))
  expect(findings.join('\n')).toMatch(message)
})

test('nothing but the mistakes is found', () => {
  const elsewhere = output.split(/\n(?=\S)/).filter((finding) => finding !== '' && !/^m\d+\.ts\(/.test(finding))
  expect(elsewhere).toEqual([])
})
