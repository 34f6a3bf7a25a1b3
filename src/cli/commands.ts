// Every command of the CLI, in the order of --help.
import type { Command } from './command.ts'
import { consumersAudit } from './commands/consumers-audit.ts'
import { consumersStatus } from './commands/consumers-status.ts'
import { doctor } from './commands/doctor.ts'
import { emit } from './commands/emit.ts'
import { init } from './commands/init.ts'
import { migrateCommand } from './commands/migrate.ts'
import { parkedDiscard } from './commands/parked-discard.ts'
import { parkedList } from './commands/parked-list.ts'
import { parkedRedrive } from './commands/parked-redrive.ts'
import { parkedShow } from './commands/parked-show.ts'
import { rebuild } from './commands/rebuild.ts'
import { replay } from './commands/replay.ts'
import { run } from './commands/run.ts'
import { schemasCheck } from './commands/schemas-check.ts'
import { schemasGenerate } from './commands/schemas-generate.ts'
import { schemasList } from './commands/schemas-list.ts'
import { start } from './commands/start.ts'
import { topicsList } from './commands/topics-list.ts'
import { topicsTail } from './commands/topics-tail.ts'

export const commands: readonly Command[] = [
  init,
  start,
  run,
  migrateCommand,
  doctor,
  schemasList,
  schemasGenerate,
  schemasCheck,
  emit,
  topicsList,
  topicsTail,
  consumersStatus,
  consumersAudit,
  parkedList,
  parkedShow,
  parkedRedrive,
  parkedDiscard,
  rebuild,
  replay,
]
