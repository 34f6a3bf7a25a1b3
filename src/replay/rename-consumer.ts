// Gives everything that the engine knows of a consumer another name: its checkpoints, the ids of its windows, its parked events
// and the mark of shared rows. Inside a transaction that holds the checkpoints.
import type { Statements } from '../database/database.ts'

const TABLES = ['checkpoint', 'event_ids', 'parked', 'shared_rows'] as const

/** Renames a consumer; nothing may be there under the new name. */
export async function renameConsumer(statements: Statements, from: string, to: string): Promise<void> {
  for (const table of TABLES)
    await statements.execute(`UPDATE millrace.${table} SET consumer = $2 WHERE consumer = $1`, from, to)
}

/** Forgets a consumer. */
export async function deleteConsumer(statements: Statements, consumer: string): Promise<void> {
  for (const table of TABLES) await statements.execute(`DELETE FROM millrace.${table} WHERE consumer = $1`, consumer)
}
