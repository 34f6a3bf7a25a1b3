// The clock of a running program.
import { wait } from '../kafka/wait.ts'
import type { Clock } from './clock.ts'

export const systemClock: Clock = { now: () => new Date(), sleep: wait }
