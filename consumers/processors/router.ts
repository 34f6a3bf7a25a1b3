import { defineProcessor, send } from 'millrace'
import type { DataOf, RowOf } from 'millrace'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import type { MessageReceived } from '../../schemas/generated/message-received.ts'
import { requestId } from '../../schemas/request-id.ts'
import helpTasks from '../../schemas/topics/help-tasks.ts'
import messages from '../../schemas/topics/messages.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import users from '../../schemas/topics/users.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import { parseCommand } from './parse-command.ts'

type Message = DataOf<typeof MessageReceived>

function requested(message: Message, action: string, args: Readonly<Record<string, string>>) {
  return ActionRequested(
    {
      requestId: requestId(message.messageId),
      messageId: message.messageId,
      occurrenceId: null,
      action,
      arguments: args,
      userId: message.userId,
      conversationId: message.conversationId,
      replyTo: message.replyTo,
      requestedAt: message.receivedAt,
      // A change of the profile does not expire: the state below has counted it already.
      expiresAt: action === 'profile' ? null : message.expiresAt,
    },
    { routingKey: action },
  )
}

/** Refused by the router itself: decided from the message alone, hence at the message's own time. */
function refused(
  message: Message,
  refusal: Pick<DataOf<typeof ActionFailed>, 'action' | 'reason' | 'code' | 'detail'>,
) {
  return ActionFailed({
    ...refusal,
    requestId: requestId(message.messageId),
    userId: message.userId,
    conversationId: message.conversationId,
    replyTo: message.replyTo,
    attempts: 0,
    requestedAt: message.receivedAt,
    failedAt: message.receivedAt,
    parkedAt: null,
  })
}

/** The whole profile goes into the task, since the topic of users is compacted: its events replace one another. */
function profileArguments(location: string, user: RowOf<'RouterUser'> | null): Readonly<Record<string, string>> {
  return {
    location,
    revision: String(user?.revision ?? 1n),
    settings: JSON.stringify(user?.settings ?? {}),
    ...(user?.displayName && { displayName: user.displayName }),
    ...(user?.timezone && { timezone: user.timezone }),
  }
}

/**
 * Reads a message as a command and sends it to the topic of its action, with all the worker needs.
 *
 * Messages and users are co-partitioned, so a user's state is at hand and in order: "set location Lima" counts for the "weather"
 * right behind it, before the profile worker has run. The profile change that comes back has the revision that the message was
 * given here, so it changes nothing; a change from outside counts when its revision is higher.
 */
export default defineProcessor({
  name: 'router',
  from: [messages, users],
  to: [weatherTasks, profileTasks, helpTasks, outcomes],
  state: {
    RouterUser: {
      key: (event) => event.key,
      initial: { settings: {}, revision: 0n },
      evolve: {
        MessageReceived: (user, { data }) => {
          const command = parseCommand(data.text)
          return command.kind === 'set-location'
            ? { ...user, location: command.location, revision: user.revision + 1n }
            : user
        },
        UserProfileChanged: (user, { data }) =>
          data.revision > user.revision
            ? {
                ...user,
                displayName: data.displayName,
                location: data.location,
                timezone: data.timezone,
                settings: data.settings,
                revision: data.revision,
              }
            : user,
      },
    },
  },
  on: {
    UserProfileChanged: () => [],
    MessageReceived: ({ data: message }, context) => {
      const command = parseCommand(message.text)
      const user = context.state('RouterUser')
      switch (command.kind) {
        case 'set-location':
          return [send(profileTasks, requested(message, 'profile', profileArguments(command.location, user)))]
        case 'weather': {
          const location = command.location ?? user?.location ?? null
          return location === null
            ? [send(outcomes, refused(message, locationUnknown))]
            : [send(weatherTasks, requested(message, 'weather', { location }))]
        }
        case 'help':
          return [send(helpTasks, requested(message, 'help', {}))]
        default:
          return [send(outcomes, refused(message, commandUnknown))]
      }
    },
  },
})

const locationUnknown = {
  action: 'weather',
  reason: 'PERMANENT',
  code: 'LOCATION_UNKNOWN',
  detail: 'no location was named, and none is set',
} as const

const commandUnknown = {
  action: 'unknown',
  reason: 'UNROUTED',
  code: 'COMMAND_UNKNOWN',
  detail: 'no action answers to this message',
} as const
