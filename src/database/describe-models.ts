// Turns Prisma's description of a schema into ours: scalar fields only, with the names and types of the database.
import type { DMMF } from '@prisma/generator-helper'

import type { Model, ModelField, ScalarType } from './model.ts'

/** What Prisma Migrate makes of a type without a native one. */
const sqlTypes: Record<ScalarType, string> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Decimal: 'decimal(65,30)',
  DateTime: 'timestamp(3)',
  Json: 'jsonb',
  Bytes: 'bytea',
}

/** Native types whose name in SQL is not their name in lower case. */
const nativeSqlTypes: Readonly<Record<string, string>> = { DoublePrecision: 'double precision', ByteA: 'bytea' }

/** The models of a schema, without relations and fields of types that Prisma does not know. */
export function describeModels(datamodel: DMMF.Datamodel): Model[] {
  return datamodel.models.map((model) => ({
    name: model.name,
    table: model.dbName ?? model.name,
    schema: model.schema ?? 'public',
    fields: model.fields
      .filter(({ kind }) => kind === 'scalar' || kind === 'enum')
      .map((field) => describeField(field, datamodel, model.schema ?? 'public')),
    key: model.primaryKey?.fields ?? model.fields.filter(({ isId }) => isId).map(({ name }) => name),
  }))
}

function describeField(field: DMMF.Field, { enums }: DMMF.Datamodel, schema: string): ModelField {
  const enumeration = field.kind === 'enum' ? enums.find(({ name }) => name === field.type) : undefined
  const base = enumeration ? quoted(schema, enumeration.dbName ?? enumeration.name) : sqlTypeOf(field)
  return {
    name: field.name,
    column: field.dbName ?? field.name,
    type: enumeration ? 'Enum' : (field.type as ScalarType),
    sqlType: field.isList ? `${base}[]` : base,
    isList: field.isList,
    isRequired: field.isRequired,
    hasDefault: field.hasDefaultValue,
    enumValues: (enumeration?.values ?? []).map(({ name, dbName }) => ({ name, stored: dbName ?? name })),
  }
}

function sqlTypeOf({ type, nativeType }: DMMF.Field): string {
  if (!nativeType) return sqlTypes[type as ScalarType]
  const [name, args] = nativeType
  const sqlName = nativeSqlTypes[name] ?? name.toLowerCase()
  return args.length > 0 ? `${sqlName}(${args.join(',')})` : sqlName
}

function quoted(...names: string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}
