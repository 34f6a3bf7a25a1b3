import { type ChildProcess, fork, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { startRegistry } from './start-registry.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

function start(args: readonly string[], options: ForkOptions = {}): ChildProcess {
  child = fork(main, args, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], ...options })
  return child
}

const ready = async (program: ChildProcess): Promise<{ ready: boolean; port: number; url: string }> => {
  const [message] = (await once(program, 'message')) as [{ ready: boolean; port: number; url: string }]
  return message
}

test('reports where it serves, keeps its data, and ends with 0 on SIGTERM', { timeout: 20_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'registry-main-'))
  try {
    const first = start(['--port', '0', '--data', dataDir])
    const { port, url } = await ready(first)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    const headers = { 'content-type': 'application/json' }
    await fetch(`${url}/subjects/a/versions`, { method: 'POST', body: '{"schema":"\\"int\\""}', headers })
    first.kill('SIGTERM')
    expect(await once(first, 'exit')).toEqual([0, null])

    const second = start(['--port', '0', '--data', dataDir])
    const again = await ready(second)
    expect(await (await fetch(`${again.url}/subjects`)).json()).toEqual(['a'])
    second.disconnect()
    expect(await once(second, 'exit')).toEqual([0, null])
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})

test.each([
  ['a taken port', (taken: number) => ['--port', String(taken)], 'is taken. Set REGISTRY_PORT to a free port.'],
  ['a port that is none', () => ['--port', '70000'], '"70000" is no port. Set REGISTRY_PORT'],
  ['an argument that is unknown', () => ['--prot', '1'], "Unknown option '--prot'"],
])('%s is one line and exit code 2', { timeout: 20_000 }, async (_, args, line) => {
  await using other = await startRegistry()
  const program = start(args(other.port))
  const written: Buffer[] = []
  program.stderr?.on('data', (chunk: Buffer) => written.push(chunk))
  const [code] = (await once(program, 'close')) as [number]
  const text = Buffer.concat(written).toString('utf8')
  expect(code).toBe(2)
  expect(text).toContain(line)
  expect(text.trim().split('\n')).toHaveLength(1)
})
