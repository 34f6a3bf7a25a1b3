// What the assistant says of an outcome, in words for people.
import type { EventsOf } from 'millrace'
import type outcomes from '../../schemas/topics/outcomes.ts'

type Outcome = EventsOf<typeof outcomes>
type Completed = Extract<Outcome, { type: 'ActionCompleted' }>['data']
type Failed = Extract<Outcome, { type: 'ActionFailed' }>['data']

/** The answer to a request, from the last word on it. */
export function replyText(outcome: Outcome): string {
  return outcome.type === 'ActionCompleted' ? textOfResult(outcome.data) : textOfFailure(outcome.data)
}

function textOfResult({ result }: Completed): string {
  if ('WeatherReport' in result) {
    const { location, summary, temperatureC, feelsLikeC, humidityPct, windMs } = result.WeatherReport
    return `${location}: ${summary}, ${temperatureC} °C (feels like ${feelsLikeC} °C), humidity ${humidityPct} %, wind ${windMs} m/s.`
  }
  if ('LocationReport' in result) return `Your location is now ${result.LocationReport.location}.`
  return result.TextResult.text
}

function textOfFailure({ action, reason, code, detail }: Failed): string {
  switch (reason) {
    case 'UNROUTED':
      return 'Sorry, I did not understand that. Say "help" to see what I can do.'
    case 'EXPIRED':
      return 'Sorry, I came to this too late for the answer to be of use.'
    case 'DISABLED':
      return `Sorry, ${action} is switched off at the moment.`
    case 'RETRIES_EXHAUSTED':
      return `Sorry, ${action} does not work right now. Your request is kept and will be tried again.`
    default:
      return code === 'LOCATION_UNKNOWN'
        ? 'For which place? Say "weather Oslo", or "set location Oslo" once.'
        : `Sorry, that did not work: ${detail}.`
  }
}
