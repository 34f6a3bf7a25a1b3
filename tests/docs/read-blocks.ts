// The fenced blocks of the pages, with what a comment right above each says: `<!-- file: path -->` for a part of a file of this
// repository, `<!-- not run: reason -->` for what no test can run.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly text: string
  readonly file: string | null
  readonly notRun: string | null
}

export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'embedded/broker/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
]

/** All fenced blocks of a page. */
export function readBlocks(page: string): readonly Block[] {
  const text = readFileSync(page, 'utf8')
  const fences = /(?:<!-- (file|not run): (.+?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm
  return [...text.matchAll(fences)].map(({ 1: kind, 2: told = '', 3: language = '', 4: body = '', index }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    text: body,
    file: kind === 'file' ? told : null,
    notRun: kind === 'not run' ? told : null,
  }))
}
