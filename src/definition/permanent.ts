// How a worker's handler says that trying again cannot help.

/** The error made by `permanent`. */
export class PermanentFailure extends Error {
  readonly code: string

  constructor(code: string, detail: string) {
    super(detail)
    this.name = 'PermanentFailure'
    this.code = code
  }
}

/** The failure to throw when no retry can help: `throw permanent('CITY_NOT_FOUND', 'no such city: Atlantis')`. */
export function permanent(code: string, detail: string): PermanentFailure {
  return new PermanentFailure(code, detail)
}
