// What the people of the demo write, and what becomes of it: both follow from the seed alone.
//
// The fate of a message is foretold by a model of its own: who has set which location before, and which places the fake weather
// provider knows. Faults of the provider heal within the retry policy, so they change how long an answer takes, never which.

/** The statuses in which a request of the demo may end. */
export type Fate = 'done' | 'permanent' | 'expired' | 'unrouted'

/** One message of the demo. */
export interface PlannedMessage {
  /** Counts from 0 over all people. */
  readonly index: number
  /** Who writes it: counts from 0. */
  readonly person: number
  readonly text: string
  /** It is posted with an expiry in the past. */
  readonly isExpired: boolean
  /** The status in which its request ends. */
  readonly fate: Fate
}

const knownPlaces = ['Oslo', 'Lima', 'Cairo', 'Athens', 'Berlin', 'Lagos', 'Mumbai', 'Nairobi', 'Sydney', 'Lisbon']
const unknownPlaces = ['Atlantis', 'El Dorado', 'Camelot']
const strangePhrases = ['sing me a song', 'what is the meaning of life?', 'order a pizza', 'good morning']

/** What a message may be about, and how often of a hundred. */
const kinds = [
  ['weather-known', 32],
  ['weather-own', 18],
  ['set-known', 16],
  ['weather-unknown', 8],
  ['help', 10],
  ['set-unknown', 2],
  ['strange', 7],
  ['expired', 7],
] as const

/** Plans `total` messages of `people` people. Equal seeds give equal plans. */
export function planMessages(seed: number, people: number, total: number): readonly PlannedMessage[] {
  const draw = generator(seed)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(draw() * items.length)] as Item
  const locations = new Map<number, string>()
  return Array.from({ length: total }, (_, index) => {
    const person = Math.floor(draw() * people)
    const kind = pickKind(draw())
    const place = kind === 'weather-unknown' || kind === 'set-unknown' ? pick(unknownPlaces) : pick(knownPlaces)
    const planned = (text: string, fate: Fate): PlannedMessage => ({
      index,
      person,
      text,
      isExpired: fate === 'expired',
      fate,
    })
    switch (kind) {
      case 'weather-known':
        return planned(`weather ${place}`, 'done')
      case 'weather-unknown':
        return planned(`weather in ${place}`, 'permanent')
      case 'weather-own':
        return planned('weather', knownPlaces.includes(locations.get(person) ?? '') ? 'done' : 'permanent')
      case 'set-known':
      case 'set-unknown':
        locations.set(person, place)
        return planned(`set my location to ${place}`, 'done')
      case 'help':
        return planned('help', 'done')
      case 'strange':
        return planned(pick(strangePhrases), 'unrouted')
      default:
        return planned(draw() < 0.5 ? `weather ${place}` : 'help', 'expired')
    }
  })
}

function pickKind(drawn: number): (typeof kinds)[number][0] {
  let rest = drawn * 100
  for (const [kind, share] of kinds) {
    if (rest < share) return kind
    rest -= share
  }
  return 'help'
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
