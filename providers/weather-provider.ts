// The port to whoever knows the weather. A real provider implements it over HTTP; the fake one lies beside.

/** One observation at one place. */
export interface WeatherObservation {
  /** The place as the provider spells it. */
  readonly location: string
  readonly temperatureC: number
  readonly feelsLikeC: number
  readonly summary: string
  readonly humidityPct: number
  readonly windMs: number
  readonly observedAt: Date
  readonly provider: string
}

/** What a provider is told of a call beside its question. */
export interface WeatherCall {
  /** Aborted when the caller no longer waits. */
  readonly signal: AbortSignal
  /** Names the piece of work, whichever attempt this is. */
  readonly requestId: string
  /** The first call for a piece of work is attempt 1. */
  readonly attempt: number
}

/** Knows the weather. */
export interface WeatherProvider {
  /**
   * The weather at a place now.
   * @throws ProviderError when the provider answers with anything but an observation
   */
  readonly observe: (location: string, call: WeatherCall) => Promise<WeatherObservation>
}
