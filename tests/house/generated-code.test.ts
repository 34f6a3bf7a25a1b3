// The event constructors in the tree are those that the contract gives now.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generateTypes } from '../../src/schema/generate-types.ts'
import { checkDrift } from '../../src/schema/check-drift.ts'
import { loadSchemas } from '../../src/schema/load-schemas.ts'

it.each(['schemas', 'examples/orders/schemas'])('%s/generated is up to date', async (folder) => {
  const files = generateTypes(await loadSchemas(folder))
  expect(files.length).toBeGreaterThan(3)
  expect(await checkDrift(files, join(folder, 'generated'))).toEqual([])
})
