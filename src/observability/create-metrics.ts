// The metrics of a process in a registry of its own. Labels are names from definitions, routes and codes: their number is
// bounded, and no value of an event or a request becomes one.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricsOptions {
  /** Where the metrics are registered (default: a new registry). */
  readonly registry?: Registry
  /** Whether the process's own figures are added: memory, CPU, event loop (default: true). */
  readonly processMetrics?: boolean
}

/** The metrics of a process. */
export interface Metrics {
  /** Serves `metrics()` at /metrics; other rooms register figures of their own here. */
  readonly registry: Registry
  readonly httpRequests: Histogram<'method' | 'route' | 'status'>
  readonly emitted: Counter<'topic'>
  readonly repeated: Counter
  readonly waiting: Gauge
  readonly consumed: Counter<'consumer' | 'outcome'>
  readonly lag: Gauge<'consumer' | 'topic'>
  readonly batchSeconds: Histogram<'consumer'>
  readonly handlerSeconds: Histogram<'consumer' | 'outcome'>
}

/** Makes the metrics of a process. */
export function createMetrics({ registry = new Registry(), processMetrics = true }: MetricsOptions = {}): Metrics {
  if (processMetrics) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
  return {
    registry,
    httpRequests: new Histogram({
      name: 'millrace_http_request_seconds',
      help: 'Time to answer a request, by route and status.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: seconds,
      registers,
    }),
    emitted: new Counter({
      name: 'millrace_emitted_events_total',
      help: 'Events acknowledged by the brokers, by topic.',
      labelNames: ['topic'] as const,
      registers,
    }),
    repeated: new Counter({
      name: 'millrace_emit_repeats_total',
      help: 'Events and requests that came again and got the answer of the first time.',
      registers,
    }),
    waiting: new Gauge({
      name: 'millrace_query_waiting',
      help: 'Queries that wait for a position.',
      registers,
    }),
    consumed: new Counter({
      name: 'millrace_consumed_events_total',
      help: 'Events done by a consumer: applied, repeated, filtered or parked.',
      labelNames: ['consumer', 'outcome'] as const,
      registers,
    }),
    lag: new Gauge({
      name: 'millrace_consumer_lag',
      help: 'Records between a consumer and the end of its partitions.',
      labelNames: ['consumer', 'topic'] as const,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'millrace_batch_seconds',
      help: 'Time for one batch from the fetch to its commit.',
      labelNames: ['consumer'] as const,
      buckets: seconds,
      registers,
    }),
    handlerSeconds: new Histogram({
      name: 'millrace_handler_seconds',
      help: 'Time for one attempt of a worker, by outcome.',
      labelNames: ['consumer', 'outcome'] as const,
      buckets: seconds,
      registers,
    }),
  }
}
