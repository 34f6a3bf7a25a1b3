// The same parser for a schema as text: what a file or a request holds.
import { type ParsedSchema, type ParseOptions, parseSchema } from './parse-schema.ts'

/** Parses the text of a schema; text that is no JSON is one problem at `/`. */
export function parseSchemaText(text: string, options: ParseOptions = {}): ParsedSchema {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ path: '/', message: `not valid JSON: ${reason}` }] }
  }
  return parseSchema(json, options)
}
