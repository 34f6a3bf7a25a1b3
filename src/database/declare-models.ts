// Writes the TypeScript declaration that lets a projection's rows be checked by the name of their model: for each model the
// row, its key, and the row before the first event.
import type { Model, ModelField } from './model.ts'

const typeNames = {
  String: 'string',
  Boolean: 'boolean',
  Int: 'number',
  BigInt: 'bigint',
  Float: 'number',
  // As text, exact: a number would lose digits.
  Decimal: 'string',
  DateTime: 'Date',
  Json: 'unknown',
  Bytes: 'Uint8Array',
} as const

/** The text of models.d.ts. `clientModule` is the path of the generated client as an import specifier. */
export function declareModels(models: readonly Model[], clientModule: string): string {
  return `// Written by millrace-models from prisma/schema.prisma; \`npx prisma generate\` writes it anew.
export {}

declare global {
  interface MillraceModels {
${models.map(declareModel).join('\n')}
  }
  interface MillracePrisma {
    client: import('${clientModule}').PrismaClient
  }
}
`
}

function declareModel({ name, fields, key }: Model): string {
  const keyFields = fields.filter((field) => key.includes(field.name))
  const initial = fields
    .filter((field) => !key.includes(field.name))
    .map((field) => property(field, field.isRequired && !field.hasDefault ? '' : '?'))
  return `    ${name}: {
      row: ${objectOf(fields.map((field) => property(field)))}
      key: ${keyType(keyFields)}
      initial: ${objectOf(initial)}
    }`
}

function keyType(fields: readonly ModelField[]): string {
  const [first, ...others] = fields
  if (!first) return 'never'
  return others.length === 0 ? fieldType(first) : objectOf(fields.map((field) => property(field)))
}

function property(field: ModelField, mark = ''): string {
  return `${field.name}${mark}: ${fieldType(field)}`
}

function fieldType({ type, isList, isRequired, enumValues }: ModelField): string {
  const one = type === 'Enum' ? enumValues.map(({ name }) => `'${name}'`).join(' | ') : typeNames[type]
  if (isList) return one.includes('|') ? `readonly (${one})[]` : `readonly ${one}[]`
  return isRequired || one === 'unknown' ? one : `${one} | null`
}

function objectOf(properties: readonly string[]): string {
  return `{ ${properties.join('; ')} }`
}
