// The form of an OpenAPI 3.1 document, as far as we write one.
import type { JsonSchema } from '../../schema/json-schema.ts'

/** One operation of a path. */
export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly description?: string
  readonly parameters?: readonly OpenApiParameter[]
  readonly requestBody?: {
    readonly required: true
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>
  }
  readonly responses: Readonly<Record<string, OpenApiResponse>>
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

/** One parameter of an operation. */
export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchema
}

/** One answer of an operation, or a reference to a shared one. */
export type OpenApiResponse =
  | {
      readonly description: string
      readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>
      readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
    }
  | { readonly $ref: string }

/** The operations of a path by method in lower case. */
export type OpenApiPath = Readonly<Record<string, OpenApiOperation>>

/** A whole document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, OpenApiPath>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, OpenApiResponse>>
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>
  }
}
