// The five read models, computed a second time from the records alone: by table and column, without a line of the definitions.
import { requestIdOf } from '../request-id-of.ts'
import { TableFold } from './model-fold.ts'
import type { Row } from './model-fold.ts'
import type { LogEntry } from './read-topics.ts'

/** The tables of each read model. */
export type Models = Readonly<Record<string, readonly TableFold[]>>

/** Folds all entries. An event id counts once within its partition. */
export function foldEntries(entries: readonly LogEntry[]): Models {
  const folds = { ...requestFold(), ...profileFold(), ...conversationFold(), ...usageFold(), ...weatherFold() }
  const seen = new Set<string>()
  for (const entry of entries) {
    const identity = `${entry.topic}/${entry.partition}/${entry.id}`
    // Compacted topics have no memory of ids: there the same id twice is the same state twice.
    if (entry.type !== 'UserProfileChanged' && seen.has(identity)) continue
    seen.add(identity)
    for (const { take } of Object.values(folds)) take(entry)
  }
  return Object.fromEntries(Object.entries(folds).map(([model, { tables }]) => [model, tables]))
}

type Fold = Readonly<Record<string, { tables: readonly TableFold[]; take: (entry: LogEntry) => void }>>

const endedAs: Row = {
  PERMANENT: 'permanent',
  RETRIES_EXHAUSTED: 'exhausted',
  EXPIRED: 'expired',
  DISABLED: 'disabled',
  UNROUTED: 'unrouted',
}

function requestFold(): Fold {
  const table = new TableFold('request_status', ['request_id'], {
    status: 'unknown',
    user_id: null,
    conversation_id: null,
    action: null,
    text: null,
    code: null,
    detail: null,
    attempts: 0,
    parked_topic: null,
    parked_partition: null,
    parked_offset: null,
    reply: 'none',
    answer: null,
    received_at: null,
    requested_at: null,
    started_at: null,
    finished_at: null,
    answered_at: null,
    replied_at: null,
  })
  const atLeast = (status: unknown, next: string): unknown => {
    const order = ['unknown', 'received', 'requested']
    const at = order.indexOf(String(status))
    return at >= 0 && at < order.indexOf(next) ? next : status
  }
  const take = ({ type, data }: LogEntry): void => {
    if (data === null) return
    const whose = { user_id: data.userId, conversation_id: data.conversationId }
    if (type === 'MessageReceived')
      table.put([requestIdOf(data.messageId)], ({ status }) => ({
        ...whose,
        status: atLeast(status, 'received'),
        text: data.text,
        received_at: data.receivedAt,
      }))
    if (type === 'ActionRequested')
      table.put([data.requestId], ({ status }) => ({
        ...whose,
        status: atLeast(status, 'requested'),
        action: data.action,
        requested_at: data.requestedAt,
      }))
    if (type === 'ActionCompleted' || type === 'ActionFailed') {
      const isDone = type === 'ActionCompleted'
      table.put([data.requestId], () => ({
        ...whose,
        status: isDone ? 'done' : endedAs[data.reason],
        action: data.action,
        attempts: data.attempts,
        code: isDone ? null : data.code,
        detail: isDone ? null : data.detail,
        parked_topic: data.parkedAt?.topic ?? null,
        parked_partition: data.parkedAt?.partition ?? null,
        parked_offset: data.parkedAt?.offset ?? null,
        started_at: isDone ? data.startedAt : null,
        finished_at: isDone ? data.finishedAt : data.failedAt,
      }))
    }
    if (type === 'ReplyRequested')
      table.put([data.requestId], ({ reply }) => ({
        conversation_id: data.conversationId,
        reply: reply === 'none' ? 'requested' : reply,
        answer: data.text,
        answered_at: data.createdAt,
      }))
    if (type === 'ReplyDelivered')
      table.put([data.requestId], () => ({
        conversation_id: data.conversationId,
        reply: data.outcome.toLowerCase(),
        replied_at: data.at,
      }))
  }
  return { 'request-status': { tables: [table], take } }
}

function profileFold(): Fold {
  const table = new TableFold('user_profile', ['user_id'], { changes: 0 })
  const take = ({ type, topic, key, data }: LogEntry): void => {
    if (type === '' && topic.endsWith('assistant.users')) table.remove([key])
    if (type !== 'UserProfileChanged' || data === null) return
    table.put([data.userId], ({ changes }) => ({
      display_name: data.displayName,
      location: data.location,
      timezone: data.timezone,
      settings: data.settings,
      active: data.active,
      revision: data.revision,
      changed_at: data.changedAt,
      changes: Number(changes) + 1,
    }))
  }
  return { 'user-profile': { tables: [table], take } }
}

function conversationFold(): Fold {
  const table = new TableFold('conversation_log', ['id'], { at: null, user_id: null, text: null, delivery: null })
  const take = ({ type, data }: LogEntry): void => {
    if (data === null) return
    if (type === 'MessageReceived')
      table.put([data.messageId], () => ({
        conversation_id: data.conversationId,
        at: data.receivedAt,
        author: 'user',
        user_id: data.userId,
        text: data.text,
        request_id: requestIdOf(data.messageId),
      }))
    const answer = { conversation_id: data.conversationId, author: 'assistant', request_id: data.requestId }
    if (type === 'ReplyRequested')
      table.put([data.replyId], ({ delivery }) => ({
        ...answer,
        at: data.createdAt,
        text: data.text,
        delivery: delivery ?? 'requested',
      }))
    if (type === 'ReplyDelivered')
      table.put([data.replyId], () => ({ ...answer, delivery: data.outcome.toLowerCase() }))
  }
  return { 'conversation-log': { tables: [table], take } }
}

function usageFold(): Fold {
  const counts = new TableFold('action_usage', ['action', 'hour'], { requested: 0, completed: 0, failed: 0 })
  const users = new TableFold('action_usage_user', ['action', 'hour', 'user_id'], { requests: 0 })
  const durations = new TableFold('action_usage_duration', ['action', 'hour', 'up_to_ms'], { count: 0 })
  const one = (table: TableFold, key: readonly unknown[], column: string): void =>
    table.put(key, (row) => ({ [column]: Number(row[column]) + 1 }))
  const take = ({ type, data }: LogEntry): void => {
    const column = { ActionRequested: 'requested', ActionCompleted: 'completed', ActionFailed: 'failed' }[type]
    if (column === undefined || data === null) return
    const hour = data.requestedAt - (data.requestedAt % 3_600_000)
    one(counts, [data.action, hour], column)
    if (column !== 'requested') one(users, [data.action, hour, data.userId], 'requests')
    if (column !== 'completed') return
    let upTo = 1
    while (upTo < data.finishedAt - data.requestedAt && upTo < 604_800_000) upTo = Math.ceil((upTo * 5) / 4)
    one(durations, [data.action, hour, upTo], 'count')
  }
  return { 'action-usage': { tables: [counts, users, durations], take } }
}

function weatherFold(): Fold {
  const table = new TableFold('weather_latest', ['location'], { observed_at: 0, request_id: '', requests: 0 })
  const take = ({ type, data }: LogEntry): void => {
    if (type !== 'ActionCompleted' || data?.action !== 'weather') return
    const report = data.result
    table.put([report.location], (row) => {
      const requests = Number(row['requests']) + 1
      const known = Number(row['observed_at'])
      const isOlder =
        report.observedAt < known || (report.observedAt === known && data.requestId <= String(row['request_id']))
      if (isOlder) return { requests }
      return {
        temperature_c: report.temperatureC,
        feels_like_c: report.feelsLikeC,
        summary: report.summary,
        humidity_pct: report.humidityPct,
        wind_ms: report.windMs,
        observed_at: report.observedAt,
        provider: report.provider,
        request_id: data.requestId,
        requests,
      }
    })
  }
  return { 'weather-latest': { tables: [table], take } }
}
