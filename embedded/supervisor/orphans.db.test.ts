import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test, vi } from 'vitest'

import { isAlive } from '../../tests/fixtures/is-alive.ts'
import type { ChildSpecification } from './child-specification.ts'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const nodeArgs = ['--import', 'tsx']

test('when the supervisor is killed, its children and the Postgres of one of them are gone within 2 s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orphans-'))
  chmodSync(folder, 0o755)
  const specifications: ChildSpecification[] = [
    {
      name: 'postgres',
      command: { file: path('../postgres/main.ts'), nodeArgs, args: ['--data', folder, '--port', '0'] },
    },
    {
      name: 'reader',
      command: { file: path('../../tests/fixtures/child.ts'), nodeArgs },
      env: { FIXTURE_NAME: 'reader', FIXTURE_LOG: join(folder, 'log') },
      dependsOn: ['postgres'],
    },
  ]
  const supervisor = fork(path('../../tests/fixtures/supervisor.ts'), [JSON.stringify(specifications)], {
    execArgv: nodeArgs,
  })
  const [{ pids: children }] = (await once(supervisor, 'message')) as [{ pids: number[] }]
  const postmaster = Number(readFileSync(join(folder, 'cluster/postmaster.pid'), 'utf8').split('\n')[0])
  const pids = [...children, postmaster]
  expect(pids.map(isAlive)).toEqual([true, true, true])

  const begin = performance.now()
  supervisor.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5000, interval: 50 })
  expect(performance.now() - begin).toBeLessThan(2000)
  rmSync(folder, { recursive: true, force: true })
})
