// The outcome of a request that was carried out, as every action worker sends it.
import { hostname } from 'node:os'
import { send } from 'millrace'
import type { DataOf, EventsOf, WorkerContext } from 'millrace'
import { ActionCompleted } from '../../schemas/generated/action-completed.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import type helpTasks from '../../schemas/topics/help-tasks.ts'

/** Says that a request is done. `startedAt` is when this attempt began. */
export function actionCompleted(
  { data }: EventsOf<typeof helpTasks>,
  { attempt, now }: WorkerContext,
  startedAt: Date,
  result: DataOf<typeof ActionCompleted>['result'],
) {
  return send(
    outcomes,
    ActionCompleted({
      requestId: data.requestId,
      action: data.action,
      userId: data.userId,
      conversationId: data.conversationId,
      replyTo: data.replyTo,
      result,
      workerId: `${hostname()}/${process.pid}`,
      attempts: attempt,
      requestedAt: data.requestedAt,
      startedAt,
      finishedAt: now(),
    }),
  )
}
