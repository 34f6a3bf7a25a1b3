// Every command of the CLI, in the order of --help.
import type { Command } from './command.ts'
import { consumersStatus } from './commands/consumers-status.ts'
import { migrateCommand } from './commands/migrate.ts'
import { start } from './commands/start.ts'
import { topicsList } from './commands/topics-list.ts'

export const commands: readonly Command[] = [start, migrateCommand, topicsList, consumersStatus]
