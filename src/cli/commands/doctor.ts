// `millrace doctor`: is everything well, and if not, what to do? It looks and changes nothing.
import { type Command, exitCodes, type Invocation } from '../command.ts'
import { checkFiles } from '../doctor/check-files.ts'
import { checkStores } from '../doctor/check-stores.ts'
import type { Finding } from '../doctor/finding.ts'
import { type SettingInForce, settingsInForce } from '../doctor/settings-in-force.ts'
import { drawGraph, drawMermaid } from '../draw-graph.ts'
import { jsonText } from '../json-text.ts'
import { openProject, type Project } from '../open-project.ts'
import { ownPackage } from '../own-package.ts'
import { table } from '../table.ts'
import { stackEnvironment } from '../with-project.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Looks at settings, definitions, stores and consumers, and says what is not well and what to do.',
  description:
    'Changes nothing. Exit code 1 when something is not well, 2 when a setting or a definition is wrong; a warning is no failure.',
  options: {
    offline: { type: 'boolean', description: 'Looks at the files only: no broker, registry or database is asked.' },
    mermaid: { type: 'boolean', description: "Prints only the graph of the definitions, in Mermaid's notation." },
  },
  run: async (invocation) => {
    const { directory, env, options, json, print } = invocation
    const environment = await stackEnvironment(invocation)
    const project = await openProject(directory, environment)
    if (options['mermaid'] === true) {
      const graph = drawMermaid(project.definitions)
      print(json ? jsonText({ mermaid: graph }) : graph)
      return exitCodes.done
    }
    const findings = [
      ...(await checkFiles(project)),
      ...(options['offline'] === true ? [] : await checkStores(project, new Date())),
    ]
    const settings = settingsInForce(project.settings, env, environment)
    const { version } = await ownPackage()
    const isWell = findings.every(({ state }) => state !== 'fail')
    if (json) print(jsonText({ version, node: process.version, isWell, settings, findings }))
    else report(invocation, project, version, settings, findings)
    return isWell ? exitCodes.done : exitCodes.failed
  },
}

function report(
  { print }: Invocation,
  { settings: { app }, definitions }: Project,
  version: string,
  settings: readonly SettingInForce[],
  findings: readonly Finding[],
): void {
  print(`${app} on millrace ${version}, node ${process.version}\n`)
  const own = settings.filter(({ source }) => source !== 'default')
  const rows = own.map(({ name, env, value, source }) => [name, env, value, source])
  if (rows.length > 0) print(table(['setting', 'environment', 'value', 'from'], rows))
  print(
    `${settings.length - own.length} settings have their default (--json lists all, docs/settings.md explains them)\n`,
  )
  print(`${drawGraph(definitions)}\n`)
  const width = Math.max(...findings.map(({ subject }) => subject.length))
  for (const { subject, state, detail, fix } of findings) {
    print(`${state.padEnd(4)}  ${subject.padEnd(width)}  ${detail}`)
    if (fix !== undefined) print(`${' '.repeat(width + 8)}→ ${fix}`)
  }
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length
  print(`\n${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} not well`)
}
