import { defineProducer, schedule, send } from 'millrace'
import { ActionRequested } from '../schemas/generated/action-requested.ts'
import { ScheduleFired } from '../schemas/generated/schedule-fired.ts'
import { requestId } from '../schemas/request-id.ts'
import helpTasks from '../schemas/topics/help-tasks.ts'
import occurrences from '../schemas/topics/occurrences.ts'
import weatherTasks from '../schemas/topics/weather-tasks.ts'

const topicOf = { weather: weatherTasks, help: helpTasks } as const

function isScheduled(action: string): action is keyof typeof topicOf {
  return Object.hasOwn(topicOf, action)
}

/**
 * Fires the schedules of the Schedule table: the occurrence, and one request for each user of its audience. The requests are
 * made here and not by a processor, because the audience is a question about all users, which no partition can answer.
 * Whichever scheduler fires an occurrence gives its requests the same ids.
 */
export default defineProducer({
  name: 'schedules',
  source: schedule({
    plans: async ({ prisma }) => {
      const rows = await prisma.schedule.findMany({ where: { enabled: true }, orderBy: { scheduleId: 'asc' } })
      return rows.map(({ scheduleId, cron, misfire }) => ({
        id: scheduleId,
        cron,
        misfire: misfire === 'SKIP' ? ('skip' as const) : ('once' as const),
      }))
    },
  }),
  to: [occurrences, weatherTasks, helpTasks],
  produce: async ({ planId, id: occurrenceId, dueAt: nominalAt, now, prisma }) => {
    const fired = send(
      occurrences,
      ScheduleFired({ scheduleId: planId, occurrenceId, nominalAt, firedAt: now }, { id: occurrenceId }),
    )
    const plan = await prisma.schedule.findUnique({ where: { scheduleId: planId } })
    if (plan === null || !isScheduled(plan.action)) return [fired]
    const tasks = topicOf[plan.action]
    const audience = await prisma.userProfile.findMany({
      where:
        plan.audience === 'USERS'
          ? { userId: { in: plan.userIds }, active: true }
          : { location: { not: null }, active: true },
      orderBy: { userId: 'asc' },
    })
    const given = plan.arguments as Readonly<Record<string, string>>
    const requests = audience.map(({ userId, location }) => {
      const id = requestId(`${occurrenceId}/${userId}`)
      return send(
        tasks,
        ActionRequested(
          {
            requestId: id,
            messageId: null,
            occurrenceId,
            action: plan.action,
            arguments: { ...(location !== null && { location }), ...given },
            userId,
            conversationId: userId,
            replyTo: { channelType: 'SCHEDULE', address: userId, threadId: null, opaque: {} },
            requestedAt: nominalAt,
            expiresAt: null,
          },
          { id, routingKey: plan.action },
        ),
      )
    })
    return [fired, ...requests]
  },
})
