import { expect, test } from 'vitest'
import { lineOfPointer } from './line-of-pointer.ts'

const text = `{
  "type": "record", "name": "R",
  "doc": "a \\"quoted\\" {brace} [and] : comma, in a string",
  "fields": [
    { "name": "a", "type": "int" },
    {
      "name": "b",
      "type": ["null",
        "string"]
    }
  ]
}`

test.each([
  ['/', 1],
  ['/name', 2],
  ['/fields', 4],
  ['/fields/0', 5],
  ['/fields/0/type', 5],
  ['/fields/1', 6],
  ['/fields/1/type', 8],
  ['/fields/1/type/1', 9],
  ['/fields/1/type/1/fields/0', 9],
  ['/fields/7', 4],
  ['/nothing', 1],
])('%s is on line %i', (pointer, line) => {
  expect(lineOfPointer(text, pointer)).toBe(line)
})

test('text that is no JSON has lines as far as it can be read', () => {
  expect(lineOfPointer('', '/fields')).toBe(1)
  expect(lineOfPointer('{\n"fields": [\n{', '/fields/0/type')).toBe(3)
})
