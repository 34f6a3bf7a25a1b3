// Prints where the minutes of a test run went, by level, and the closing line `N passed, N failed`, from vitest's JSON reports,
// whose paths are the arguments.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** @typedef {{ numPassedTests: number, numFailedTests: number, testResults: { name: string, startTime: number, endTime: number }[] }} Report */

const reports = process.argv.slice(2).map((path) => /** @type {Report} */ (JSON.parse(readFileSync(path, 'utf8'))))

/** @param {string} path */
function levelOf(path) {
  for (const level of ['flow', 'long']) if (path.startsWith(`tests/${level}/`)) return level
  return path.endsWith('.broker.test.ts') ? 'broker' : path.endsWith('.db.test.ts') ? 'db' : 'unit'
}

/** @type {Map<string, { files: number, ms: number }>} */
const levels = new Map()
for (const { name, startTime, endTime } of reports.flatMap(({ testResults }) => testResults)) {
  const level = levelOf(relative(process.cwd(), name))
  const sum = levels.get(level) ?? { files: 0, ms: 0 }
  levels.set(level, { files: sum.files + 1, ms: sum.ms + endTime - startTime })
}
process.stdout.write(`${'tests by level'.padEnd(28)} ${'minutes'.padStart(8)}  files\n`)
for (const [level, { files, ms }] of [...levels].sort(([, a], [, b]) => b.ms - a.ms))
  process.stdout.write(`${level.padEnd(28)} ${(ms / 60_000).toFixed(1).padStart(8)}  ${files}\n`)
/** @param {'numPassedTests' | 'numFailedTests'} which */
const sum = (which) => reports.reduce((total, report) => total + report[which], 0)
process.stdout.write(`\n${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed\n`)
