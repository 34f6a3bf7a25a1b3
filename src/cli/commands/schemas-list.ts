// `millrace schemas list`: the records of the contract.
import { join, relative } from 'node:path'
import { loadSchemas } from '../../schema/load-schemas.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { table } from '../table.ts'

export const schemasList: Command = {
  name: 'schemas list',
  summary: 'Lists the records of schemas/*.avsc.',
  run: async ({ directory, json, print }) => {
    const schemas = await loadSchemas(join(directory, 'schemas'))
    const rows = schemas.map(({ eventName, fullName, file, node }) => ({
      name: eventName,
      fullName,
      file: relative(directory, file),
      fields: node.fields.length,
      doc: node.doc,
    }))
    if (json) print(jsonText(rows))
    else {
      const cells = rows.map(({ name, fullName, file, fields }) => [name, fullName, fields, file])
      print(table(['record', 'full name', 'fields', 'file'], cells))
    }
    return exitCodes.done
  },
}
