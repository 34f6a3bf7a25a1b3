// docs/errors.md has one section for each error code that the source can raise, and none for others.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const codes = new Set<string>()
for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue
  const text = readFileSync(join('src', path), 'utf8')
  for (const [, code] of text.matchAll(/'(MILLRACE_[A-Z_]+)'/g)) if (code !== undefined) codes.add(code)
}
// Names of environment variables look alike; they are documented with the settings.
const settings = new Set(
  [...readFileSync('docs/settings.md', 'utf8').matchAll(/MILLRACE_[A-Z_]+/g)].map(([name]) => name),
)
const raised = new Set([...codes].filter((code) => !settings.has(code)))

describe('docs/errors.md', () => {
  it('documents every error code and no other', () => {
    const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^## (MILLRACE_[A-Z_]+)/gm)].map(
      ([, code]) => code,
    )
    expect(raised.size).toBeGreaterThan(10)
    expect(new Set(documented)).toEqual(raised)
  })
})
