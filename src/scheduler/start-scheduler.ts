// Fires the plans of schedule producers. Any number of schedulers may run: an occurrence has the same id whoever fires it, and
// each moves the plan's row by compare-and-set.
//
//   fire: produce the events → the brokers acknowledge them → move next_at.
//
// A scheduler that dies before the move leaves the plan due, and the next one fires the same occurrence with the same ids, which
// consumers drop. Moving first would lose the occurrence instead.
import type {
  MillracePrismaClient,
  Producer,
  SchedulePlan,
  ScheduleInput,
  ScheduleSource,
} from '../definition/define-producer.ts'
import type { Emission } from '../definition/send.ts'
import type { Clock } from '../consumer/clock.ts'
import type { Database } from '../database/database.ts'
import { deriveOccurrenceId } from './derive-occurrence-id.ts'
import { dueOccurrence } from './due-occurrence.ts'
import { nextOccurrence } from './next-occurrence.ts'

type ScheduleProducer = Producer & { readonly source: ScheduleSource }

export interface SchedulerOptions {
  readonly producers: readonly Producer[]
  readonly database: Database
  /** Writes the emissions of one input with ids derived from `inputId`, and resolves when the brokers have them. */
  readonly emit: (producer: Producer, inputId: string, emissions: readonly Emission[]) => Promise<void>
  readonly clock: Clock
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Told after each look for due plans that ended well: for liveness. */
  readonly onTick?: () => void
  /** How often due plans are looked for, in milliseconds (default: 500). */
  readonly tickMs?: number
  /** How often the plans themselves are asked for, in milliseconds (default: 5,000). */
  readonly refreshMs?: number
}

export interface Scheduler {
  /** Ends after the occurrence in hand. */
  stop(): Promise<void>
}

interface PlanRow {
  readonly plan: string
  readonly next_at: Date
  readonly revision: bigint
}

/** Starts a scheduler. It goes on through outages of database and brokers: a tick that fails is told and tried again. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { producers, clock, warn, tickMs = 500, refreshMs = 5_000 } = options
  const scheduled = producers.filter((producer): producer is ScheduleProducer => producer.source.kind === 'schedule')
  const plans = new Map<string, Map<string, SchedulePlan>>()
  const stopping = new AbortController()
  let refreshedAt = -Infinity

  const tick = async (): Promise<void> => {
    if (clock.now().getTime() - refreshedAt >= refreshMs) {
      for (const producer of scheduled) plans.set(producer.name, await refreshPlans(producer, options))
      refreshedAt = clock.now().getTime()
    }
    for (const producer of scheduled) await fireDue(producer, plans.get(producer.name) ?? new Map(), options)
    options.onTick?.()
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await tick()
      } catch (error) {
        warn('the schedules could not be looked at; trying again', { err: error })
      }
      await clock.sleep(tickMs, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Brings the rows of a producer's plans up to date: new plans begin now, changed ones are planned anew, old ones go. */
async function refreshPlans(
  producer: ScheduleProducer,
  { database, clock, warn }: SchedulerOptions,
): Promise<Map<string, SchedulePlan>> {
  const wanted = new Map<string, SchedulePlan>()
  const rows: { plan: string; cron: string; time_zone: string; next_at: string }[] = []
  for (const plan of await producer.source.plans({ prisma: database.prisma })) {
    try {
      const next = nextOccurrence(plan, clock.now())
      if (next === null) continue
      wanted.set(plan.id, plan)
      rows.push({ plan: plan.id, cron: plan.cron, time_zone: plan.timeZone ?? 'UTC', next_at: next.toISOString() })
    } catch (error) {
      warn('a plan is left out', { producer: producer.name, plan: plan.id, err: error })
    }
  }
  await database.execute(
    `WITH wanted AS (SELECT * FROM json_to_recordset($2::json) AS x(plan text, cron text, time_zone text, next_at timestamptz)),
       gone AS (DELETE FROM millrace.schedule s WHERE s.producer = $1 AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.plan = s.plan))
     INSERT INTO millrace.schedule AS s (producer, plan, cron, time_zone, next_at)
     SELECT $1, plan, cron, time_zone, next_at FROM wanted
     ON CONFLICT (producer, plan) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at,
       revision = s.revision + 1
     WHERE (s.cron, s.time_zone) IS DISTINCT FROM (excluded.cron, excluded.time_zone)`,
    producer.name,
    JSON.stringify(rows),
  )
  return wanted
}

async function fireDue(
  producer: ScheduleProducer,
  plans: ReadonlyMap<string, SchedulePlan>,
  { database, emit, clock, warn }: SchedulerOptions,
): Promise<void> {
  const due = await database.query<PlanRow>(
    'SELECT plan, next_at, revision FROM millrace.schedule WHERE producer = $1 AND next_at <= $2::timestamptz ORDER BY next_at LIMIT 100',
    producer.name,
    clock.now().toISOString(),
  )
  for (const row of due) {
    const plan = plans.get(row.plan)
    if (plan === undefined) continue
    const moment = clock.now()
    const dueAt = dueOccurrence(plan, row.next_at, moment)
    try {
      if (dueAt !== null) await fire(producer, plan, dueAt, moment, database.prisma, emit)
    } catch (error) {
      warn('an occurrence could not be fired; it stays due', { producer: producer.name, plan: plan.id, err: error })
      continue
    }
    const next = nextOccurrence(plan, moment)
    await database.execute(
      next === null
        ? 'DELETE FROM millrace.schedule WHERE producer = $1 AND plan = $2 AND revision = $3::bigint'
        : 'UPDATE millrace.schedule SET next_at = $4::timestamptz, revision = revision + 1 WHERE producer = $1 AND plan = $2 AND revision = $3::bigint',
      producer.name,
      row.plan,
      String(row.revision),
      ...(next === null ? [] : [next.toISOString()]),
    )
  }
}

async function fire(
  producer: ScheduleProducer,
  plan: SchedulePlan,
  dueAt: Date,
  now: Date,
  prisma: MillracePrismaClient,
  emit: SchedulerOptions['emit'],
): Promise<void> {
  const id = deriveOccurrenceId(producer.name, plan.id, dueAt)
  const input: ScheduleInput = { planId: plan.id, id, dueAt, now, prisma }
  await emit(producer, id, await producer.produce(input as never))
}
