// `millrace run <role>`: one role of the project in this process, as a deployment or the supervisor starts it.
import { runProgram } from '../../../embedded/process/run-program.ts'
import { SettingError } from '../../../embedded/process/setting-error.ts'
import { MillraceError } from '../../errors/millrace-error.ts'
import type { Command } from '../command.ts'
import { consumersRole } from '../roles/consumers-role.ts'
import { httpRole } from '../roles/http-role.ts'
import type { StartRole } from '../roles/role.ts'
import { schedulerRole } from '../roles/scheduler-role.ts'
import { startRole } from '../roles/start-role.ts'
import { stackEnvironment } from '../with-project.ts'

const grace = { drainMs: 10_000 }

function roleOf(name: string | undefined, only: readonly string[] | null): StartRole {
  switch (name) {
    case 'http':
      return httpRole({ gateway: true, api: true })
    case 'gateway':
      return httpRole({ gateway: true, api: false })
    case 'api':
      return httpRole({ gateway: false, api: true })
    case 'consumers':
      return consumersRole(only)
    case 'scheduler':
      return schedulerRole
    default:
      throw new MillraceError(
        'MILLRACE_ROLE_INVALID',
        `there is no role '${name ?? ''}'; the roles are http (gateway and api on one port), gateway, api, consumers, scheduler`,
      )
  }
}

export const run: Command = {
  name: 'run',
  arguments: '<role>',
  summary: 'Runs one role in this process: http, gateway, api, consumers or scheduler.',
  options: {
    only: { type: 'string', value: '<names>', description: 'Consumers to run, separated by commas (default: all).' },
  },
  async run(invocation) {
    const { positionals, options, directory } = invocation
    const only = typeof options['only'] === 'string' ? options['only'].split(',').map((name) => name.trim()) : null
    const start = roleOf(positionals[0], only)
    await runProgram(
      async (signal) => {
        try {
          return await startRole(positionals[0] ?? '', start, directory, await stackEnvironment(invocation), signal)
        } catch (error) {
          // What somebody has to mend before it can run is told in one line, and is not started again.
          if (error instanceof MillraceError && !error.retriable)
            throw new SettingError(`${error.message} (${error.code})`)
          throw error
        }
      },
      { stopWithinMs: grace.drainMs },
    )
    return 0
  },
}
