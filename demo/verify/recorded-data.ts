// The fields of the demo's records as the verifier decodes them. A record has those of its own type; moments are milliseconds.

/** Where a parked request lies. */
export interface RecordedPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** A weather report. */
export interface RecordedReport {
  readonly location: string
  readonly temperatureC: number
  readonly feelsLikeC: number
  readonly summary: string
  readonly humidityPct: number
  readonly windMs: number
  readonly observedAt: number
  readonly provider: string
}

/** Any record of the demo. */
export interface RecordedData {
  readonly messageId: string
  readonly requestId: string
  readonly replyId: string
  readonly userId: string
  readonly conversationId: string
  readonly text: string
  readonly receivedAt: number
  readonly requestedAt: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly failedAt: number
  readonly createdAt: number
  readonly at: number
  readonly action: string
  readonly attempts: number
  readonly reason: string
  readonly code: string
  readonly detail: string
  readonly parkedAt: RecordedPlace | null
  readonly outcome: string
  readonly result: RecordedReport
  readonly displayName: string | null
  readonly location: string | null
  readonly timezone: string | null
  readonly settings: Readonly<Record<string, string>>
  readonly active: boolean
  readonly revision: number
  readonly changedAt: number
}
