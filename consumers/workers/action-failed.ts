// The outcome of a request that came to no result, as every action worker sends it.
import { send } from 'millrace'
import type { EventsOf, WorkerFailure } from 'millrace'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import type helpTasks from '../../schemas/topics/help-tasks.ts'

const reasons = { permanent: 'PERMANENT', exhausted: 'RETRIES_EXHAUSTED', expired: 'EXPIRED' } as const

/** Says that a request came to no result, and why. */
export function actionFailed({ data }: EventsOf<typeof helpTasks>, failure: WorkerFailure) {
  return [
    send(
      outcomes,
      ActionFailed({
        requestId: data.requestId,
        action: data.action,
        userId: data.userId,
        conversationId: data.conversationId,
        replyTo: data.replyTo,
        reason: reasons[failure.reason],
        code: failure.code,
        detail: failure.detail,
        attempts: failure.attempts,
        requestedAt: data.requestedAt,
        failedAt: failure.failedAt,
        parkedAt: failure.parkedAt,
      }),
    ),
  ]
}
