export { defineConfig } from './config/define-config.ts'
export type { MillraceConfig } from './config/define-config.ts'
export type { Settings } from './config/settings.ts'
export { defineEvent } from './definition/define-event.ts'
export { defineProcessor } from './definition/define-processor.ts'
export type { Processor, ProcessorContext, ProcessorOptions } from './definition/define-processor.ts'
export { defineProducer, http, schedule } from './definition/define-producer.ts'
export type {
  HttpInput,
  HttpSource,
  MillracePrismaClient,
  Producer,
  ProducerOptions,
  ScheduleInput,
  SchedulePlan,
  ScheduleSource,
} from './definition/define-producer.ts'
export { defineProjection } from './definition/define-projection.ts'
export type { Projection, ProjectionOptions } from './definition/define-projection.ts'
export { defineQuery } from './definition/define-query.ts'
export type { Query, QueryOptions, QueryParameter } from './definition/define-query.ts'
export { defineTopic } from './definition/define-topic.ts'
export type { AnyTopic, Cleanup, EventsOf, Topic, TopicOptions } from './definition/define-topic.ts'
export { defineWorker } from './definition/define-worker.ts'
export type { Worker, WorkerContext, WorkerFailure, WorkerOptions } from './definition/define-worker.ts'
export type {
  AnyEventType,
  AvroSchema,
  DataOf,
  Event,
  EventOptions,
  EventType,
  NewEvent,
  Tombstone,
} from './definition/event-type.ts'
export { permanent } from './definition/permanent.ts'
export type { PermanentFailure } from './definition/permanent.ts'
export { retryAfter } from './definition/retry-after.ts'
export type { RetryAfter } from './definition/retry-after.ts'
export { send, sendTombstone } from './definition/send.ts'
export type { Emission } from './definition/send.ts'
export type { InitialOf, KeyOf, ModelName, RowOf, Table, Tables } from './definition/table.ts'
export { MillraceError } from './errors/millrace-error.ts'
export type { ErrorContext, MillraceErrorOptions } from './errors/millrace-error.ts'
