// docs/design.md's file map is true: every path it names exists, and every room of the engine and of the embedded stack is in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const design = readFileSync('docs/design.md', 'utf8')
const map = design.slice(design.indexOf('## File map'), design.indexOf('\n## ', design.indexOf('## File map') + 1))
const named = [...map.matchAll(/^\| `([^`]+)`/gm)].map(([, path]) => path ?? '')

describe('the file map of docs/design.md', () => {
  it('names only what exists', () => {
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })

  it('names every room of src/ and embedded/', () => {
    const rooms = ['src', 'embedded'].flatMap((house) =>
      readdirSync(house, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${house}/${name}/`),
    )
    expect(rooms.filter((room) => !named.includes(room))).toEqual([])
  })

  it('names every folder of the way of an event', () => {
    const stages = [
      'schemas/',
      'producers/',
      'consumers/',
      'prisma/',
      'queries/',
      'src/',
      'embedded/',
      'examples/',
      'tests/',
    ]
    expect(stages.filter((stage) => !named.includes(stage))).toEqual([])
  })
})
