// The errors of the registry's REST contract: an HTTP status, a numeric code that clients match on, a message for people.

const STATUS_OF_CODE = {
  40401: 404, // subject not found
  40402: 404, // version not found
  40403: 404, // schema not found
  40404: 404, // subject was deleted softly
  40405: 404, // subject was not deleted softly before
  40406: 404, // version was deleted softly
  40407: 404, // version was not deleted softly before
  40408: 404, // subject has no compatibility level of its own
  40409: 404, // subject has no mode of its own
  400: 400, // request that cannot be read
  404: 404, // no such path
  405: 405, // path without this method
  415: 415, // body of another type than JSON
  409: 409, // incompatible schema
  42201: 422, // invalid schema
  42202: 422, // invalid version
  42203: 422, // invalid compatibility level
  42204: 422, // invalid mode
  42205: 422, // operation not permitted in this mode
  42206: 422, // schema is referenced
  42207: 422, // id or version is taken
  42208: 422, // invalid subject
  42209: 422, // too large
  50001: 500, // error of the store
} as const

export type RegistryErrorCode = keyof typeof STATUS_OF_CODE

/** An answer other than 200. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number

  constructor(code: RegistryErrorCode, message: string) {
    super(message)
    this.code = code
    this.status = STATUS_OF_CODE[code]
  }
}
