// How long a worker's attempts may take and how far they lie apart: the defaults of the definition, or the environment's.

export interface WorkerPolicy {
  readonly timeoutMs: number
  readonly retryDelaysMs: readonly number[]
}

/**
 * The policy of one worker. `WEATHER_TIMEOUT_MS=2000` and `WEATHER_RETRY_DELAYS_MS=100,500,2000` set that of the worker
 * `weather`; what is not set, or is not made of numbers, stays as it is in `defaults`.
 */
export function workerPolicy(
  name: string,
  defaults: WorkerPolicy,
  env: Readonly<Record<string, string | undefined>>,
): WorkerPolicy {
  const prefix = name.toUpperCase().replaceAll('-', '_')
  const timeoutMs = Number(env[`${prefix}_TIMEOUT_MS`] ?? Number.NaN)
  const delays = env[`${prefix}_RETRY_DELAYS_MS`]?.split(',').map(Number)
  return {
    timeoutMs: timeoutMs > 0 ? timeoutMs : defaults.timeoutMs,
    retryDelaysMs: delays?.every((delay) => delay >= 0) === true ? delays : defaults.retryDelaysMs,
  }
}
