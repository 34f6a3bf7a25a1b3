import { send } from 'millrace'
import { processorSpec } from 'millrace/testing'
import { it } from 'vitest'
import { ActionFailed } from '../../schemas/generated/action-failed.ts'
import { ActionRequested } from '../../schemas/generated/action-requested.ts'
import { MessageReceived } from '../../schemas/generated/message-received.ts'
import { UserProfileChanged } from '../../schemas/generated/user-profile-changed.ts'
import helpTasks from '../../schemas/topics/help-tasks.ts'
import messages from '../../schemas/topics/messages.ts'
import outcomes from '../../schemas/topics/outcomes.ts'
import profileTasks from '../../schemas/topics/profile-tasks.ts'
import users from '../../schemas/topics/users.ts'
import weatherTasks from '../../schemas/topics/weather-tasks.ts'
import { actionRequested, at, messageReceived, request } from '../../tests/assistant/example-events.ts'
import router from './router.ts'

const said = (text: string) => send(messages, MessageReceived({ ...messageReceived, text }))
const profile = (location: string, revision: bigint) =>
  send(
    users,
    UserProfileChanged({
      userId: 'ada',
      displayName: 'Ada',
      location,
      timezone: null,
      settings: { units: 'metric' },
      active: true,
      revision,
      changedAt: at(0),
    }),
  )
const weatherOf = (location: string) =>
  send(weatherTasks, ActionRequested({ ...actionRequested, arguments: { location } }, { routingKey: 'weather' }))

it('sends a named place to the weather worker, with all the worker needs', () => {
  processorSpec(router)
    .when([said('Weather in  Oslo!')])
    .then([weatherOf('Oslo')])
})

it('knows the location that the message before has set, and writes the whole profile', () => {
  processorSpec(router)
    .given([profile('Oslo', 4n)])
    .when([said('set my location to Lima'), said('weather')])
    .then([
      send(
        profileTasks,
        ActionRequested({
          ...actionRequested,
          action: 'profile',
          arguments: { location: 'Lima', revision: '5', settings: '{"units":"metric"}', displayName: 'Ada' },
        }),
      ),
      weatherOf('Lima'),
    ])
})

it('lets its own change come back without effect, and takes a change from outside', () => {
  processorSpec(router)
    .given([said('set location Lima'), said('set location Cairo'), profile('Lima', 1n)])
    .when([said('weather'), profile('Athens', 3n), said('weather')])
    .then([weatherOf('Cairo'), weatherOf('Athens')])
})

it('refuses weather without a place, and a message it cannot read, at the time of the message', () => {
  const refused = { ...request, attempts: 0, failedAt: at(1), parkedAt: null }
  processorSpec(router)
    .when([said('weather'), said('sing me a song'), said('help')])
    .then([
      send(
        outcomes,
        ActionFailed({
          ...refused,
          action: 'weather',
          reason: 'PERMANENT',
          code: 'LOCATION_UNKNOWN',
          detail: 'no location was named, and none is set',
        }),
      ),
      send(
        outcomes,
        ActionFailed({
          ...refused,
          action: 'unknown',
          reason: 'UNROUTED',
          code: 'COMMAND_UNKNOWN',
          detail: 'no action answers to this message',
        }),
      ),
      send(helpTasks, ActionRequested({ ...actionRequested, action: 'help', arguments: {} })),
    ])
})
