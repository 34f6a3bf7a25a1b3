import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { loadSchemas } from './load-schemas.ts'

const folders: string[] = []

async function folderOf(files: Record<string, string | object>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-schemas-'))
  folders.push(folder)
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  }
  return folder
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

describe('loading a folder of schemas', () => {
  it('inlines types of other files at their first use, by short name within a namespace', async () => {
    const folder = await folderOf({
      'address.avsc': {
        type: 'record',
        name: 'Address',
        namespace: 'x',
        fields: [{ name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A'] } }],
      },
      'moved.avsc': {
        type: 'record',
        name: 'x.Moved',
        fields: [
          { name: 'from', type: 'Address' },
          { name: 'to', type: ['null', 'x.Address'] },
          { name: 'kind', type: 'Kind' },
        ],
      },
    })
    const [address, moved] = await loadSchemas(folder)
    expect(address?.fullName).toBe('x.Address')
    expect(moved).toMatchObject({
      fullName: 'x.Moved',
      eventName: 'Moved',
      schema: {
        fields: [
          { name: 'from', type: { type: 'record', name: 'Address', namespace: 'x' } },
          { name: 'to', type: ['null', 'x.Address'] },
          { name: 'kind', type: 'x.Kind' },
        ],
      },
    })
  })

  it('takes a record that refers to itself', async () => {
    const folder = await folderOf({
      'n.avsc': { type: 'record', name: 'N', fields: [{ name: 'next', type: ['null', 'N'] }] },
    })
    const [loaded] = await loadSchemas(folder)
    expect(loaded?.schema).toMatchObject({ fields: [{ name: 'next', type: ['null', 'N'] }] })
  })

  it('reports all problems of all files at once, with file and line', async () => {
    const folder = await folderOf({
      'bad-json.avsc': '{\n  "type": "record",\n  "name": }',
      'enum.avsc': { type: 'enum', name: 'E', symbols: ['A'] },
    })
    const more = await folderOf({
      'a.avsc': { type: 'record', name: 'A', fields: [{ name: 'x', type: 'Missing' }] },
      'b.avsc': { type: 'record', name: 'B', fields: [{ name: 'n', type: 'int', default: 'many' }] },
    })
    await expect(loadSchemas(folder)).rejects.toThrow(
      /bad-json\.avsc(:3)?: this is not JSON[^]*enum\.avsc:1: the file must hold one record/,
    )
    await expect(loadSchemas(more)).rejects.toThrow(
      /a\.avsc:7: "Missing" is defined nowhere[^]*b\.avsc:6: the default of n does not fit/,
    )
  })

  it('refuses one name in two files', async () => {
    const schema = { type: 'record', name: 'A', fields: [] }
    const folder = await folderOf({ 'a.avsc': schema, 'b.avsc': schema })
    await expect(loadSchemas(folder)).rejects.toThrow(/b\.avsc:3: A is defined in .*a\.avsc too/)
  })

  it('says what to do when the folder is not there', async () => {
    await expect(loadSchemas('/no/such/folder')).rejects.toThrow('Put one .avsc file per event there')
  })
})
