// An event whose rows the database refuses.
import type { MillraceError } from '../errors/millrace-error.ts'
import type { Delivery, Refusal } from './entry.ts'

export function refuseData({ record, event, attempts, parked }: Delivery, error: MillraceError): Refusal {
  const state = error.context['sqlState']
  return {
    kind: 'refused',
    record,
    eventId: event.id,
    eventType: event.type,
    attempts,
    parked,
    parking: {
      status: 'parked',
      reason: 'database',
      code: typeof state === 'string' ? state : error.code,
      detail: error.message,
      dueAt: null,
    },
  }
}
