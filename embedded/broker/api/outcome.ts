// Runs a piece of work of a request and gives its error code and message, because most replies report each topic,
// partition or group by itself. An unexpected error is a storage failure and is reported as one.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'

export type Outcome = { readonly code: number; readonly message: string | null }

export async function outcome(work: () => Promise<unknown> | void): Promise<Outcome> {
  try {
    await work()
    return { code: errorCode.none, message: null }
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): Outcome {
  if (error instanceof ProtocolError) return { code: error.code, message: error.message }
  // A file system error; anything else is a fault of the broker, and hiding it would cost more than the connection.
  if (error instanceof Error && 'syscall' in error) return { code: errorCode.kafkaStorageError, message: error.message }
  throw error
}
