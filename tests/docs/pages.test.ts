// The pages are true: what they show of files is in these files, TypeScript compiles, JSON parses, commands exist with their
// options, links and paths lead somewhere. What the tour of the README prints is compared in tests/long/tour.test.ts.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { pages, readBlocks, type Block } from './read-blocks.ts'

const blocks = pages.flatMap(readBlocks)
const place = ({ page, line }: Block): string => `${page}:${line}`
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

/** Shown for people: no program could check them. */
const shown = new Set(['', 'text', 'mermaid', 'sql'])

describe('the blocks of the pages', () => {
  it('are of a language that is checked, or for people, or say why they are not run', () => {
    const checked = new Set(['ts', 'sh', 'json', 'console'])
    expect(blocks.length).toBeGreaterThan(15)
    expect(blocks.filter(({ language }) => !checked.has(language) && !shown.has(language)).map(place)).toEqual([])
    expect(blocks.filter(({ notRun }) => notRun !== null && notRun.length < 10).map(place)).toEqual([])
  })

  it('show parts of files as they are', () => {
    const parts = blocks.filter(({ file }) => file !== null)
    expect(parts.length).toBeGreaterThan(3)
    for (const block of parts) {
      expect(readFileSync(block.file ?? '', 'utf8'), `${place(block)} shows ${block.file}`).toContain(block.text)
    }
  })

  it('hold TypeScript that compiles', async () => {
    const sources = blocks.filter(({ language, file, notRun }) => language === 'ts' && file === null && notRun === null)
    expect(sources.length).toBeGreaterThan(1)
    mkdirSync('.cache', { recursive: true })
    const folder = mkdtempSync('.cache/pages-')
    for (const block of sources)
      writeFileSync(join(folder, `${place(block).replaceAll(/\W/g, '-')}.ts`), `${block.text}\nexport {}\n`)
    const options = {
      lib: ['es2023', 'esnext.disposable'],
      noUnusedLocals: false,
      rootDir: '../..',
      declaration: false,
    }
    const config = { extends: '../../tsconfig.json', compilerOptions: options, include: ['*.ts'], exclude: [] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const output = await new Promise<string>((done) => {
      execFile('node_modules/.bin/tsc', ['--project', folder], (_error, stdout, stderr) => done(stdout + stderr))
    })
    rmSync(folder, { recursive: true })
    expect(output).toBe('')
  }, 60_000)

  it('hold JSON that parses', () => {
    const texts = blocks.filter(({ language }) => language === 'json').map(({ text }) => text)
    expect(() => texts.map((text) => JSON.parse(text) as unknown)).not.toThrow()
  })

  it('call commands, options and scripts that exist', () => {
    const calls = blocks.filter(({ language }) => language === 'sh' || language === 'console').flatMap(callsOf)
    expect(calls.length).toBeGreaterThan(15)
    expect(calls.map(problemOf).filter((problem) => problem !== null)).toEqual([])
  })
})

interface Call {
  readonly at: string
  readonly words: readonly string[]
}

/** The command lines of a block, cut at && and |, without comments, values of variables and prompts. */
function callsOf(block: Block): readonly Call[] {
  const lines = block.text.replaceAll('\\\n', ' ').split('\n')
  const typed = block.language === 'console' ? lines.filter((line) => line.startsWith('$ ')) : lines
  return typed
    .flatMap((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/#.*$/, '')
        .replaceAll(/'[^']*'|"[^"]*"/g, 'x')
        .split(/&&|\|/),
    )
    .map((part) => ({ at: `${place(block)}: ${part.trim()}`, words: part.trim().split(/\s+/) }))
    .filter(({ words }) => words[0] !== '')
}

const programs = new Set(['curl', 'cd', 'export', 'docker', 'tail', 'cut', 'sed'])

function problemOf({ at, words }: Call): string | null {
  const [program = '', ...rest] = words
  if (programs.has(program) || program.startsWith('TOKEN=')) return null
  if (program === 'npm') {
    const [verb = '', name = ''] = rest
    if (['ci', 'install'].includes(verb)) return null
    return (verb === 'run' ? name : verb) in scripts ? null : `${at}: package.json has no such script`
  }
  const isOurs = (program === 'npx' && rest[0] === 'millrace') || (program === 'node' && rest[0] === 'bin/millrace.js')
  if (!isOurs) return `${at}: ${program} is no program that a page may ask for`
  const names = [rest.slice(1, 3).join(' '), rest[1]]
  const command = commands.find(({ name }) => name === names[0]) ?? commands.find(({ name }) => name === names[1])
  if (command === undefined) return `${at}: there is no such command`
  const known = new Set([...Object.keys(command.options ?? {}), 'json', 'help'])
  const unknown = rest.filter((word) => word.startsWith('--') && !known.has(word.slice(2).split('=')[0] ?? ''))
  return unknown.length > 0 ? `${at}: has no ${unknown.join(', ')}` : null
}

describe('the links of the pages', () => {
  const anchorsOf = (page: string): Set<string> =>
    new Set(
      [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    )

  it('lead to files and headings that exist', () => {
    const broken: string[] = []
    for (const page of pages) {
      for (const [, link = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(link)) continue
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : join(dirname(page), path)
        const isThere = existsSync(target) && (anchor === undefined || anchorsOf(target).has(anchor))
        if (!isThere) broken.push(`${page}: ${link}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('and the paths named in text exist', () => {
    const roots =
      'src|embedded|tests|docs|consumers|producers|schemas|prisma|demo|bench|queries|examples|templates|bin|scripts'
    const named = new RegExp(`\`((?:${roots})/[\\w./-]+\\.\\w+)\``, 'g')
    const missing: string[] = []
    for (const page of pages) {
      for (const [, path = ''] of readFileSync(page, 'utf8').matchAll(named))
        if (!existsSync(path) && !existsSync(resolve(dirname(page), path))) missing.push(`${page}: ${path}`)
    }
    expect(missing).toEqual([])
  })
})
