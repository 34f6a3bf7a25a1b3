// What the routes find in Hono's context.
import type { Logger } from '../observability/logger.ts'

/** The variables of a request. */
export interface HttpEnv {
  Variables: {
    /** Names the request in answers, logs and errors. */
    requestId: string
    /** Writes lines that carry the request's id. */
    logger: Logger
  }
}
