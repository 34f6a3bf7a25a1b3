// The engine's own migrations, oldest first. A migration that was released is never edited; a change is a new one at the end.
import { engine0001 } from './migrations/0001-engine.ts'
import { engine0002 } from './migrations/0002-live.ts'
import { engine0003 } from './migrations/0003-parked-keys.ts'

export interface EngineMigration {
  readonly name: string
  readonly sql: string
}

/** In the order in which they are applied. */
export const engineMigrations: readonly EngineMigration[] = [engine0001, engine0002, engine0003]
