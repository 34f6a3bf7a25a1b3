import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// The package imports itself by name; vitest resolves that to the source, so that a test never runs a stale build.
const alias = [
  { find: /^millrace$/, replacement: source('./src/index.ts') },
  { find: /^millrace\/testing$/, replacement: source('./src/testing/index.ts') },
  { find: /^millrace\/embedded$/, replacement: source('./embedded/index.ts') },
]

// A test file's suffix says what it needs: nothing, the embedded broker, the embedded Postgres; tests/flow/ needs the whole pipeline.
// tests/long/ is for minutes of load and kills, and runs beside `npm test`: `npm run test:long`.
const everything = ['**/*.test.ts']
const outside = ['node_modules/**', 'dist/**', '.millrace/**', '.cache/**', 'templates/**']

export default defineConfig({
  test: {
    // Tests wait for brokers and databases more than they compute.
    maxWorkers: 3,
    // A path ending only in .db.test.ts asks globalSetup for one Postgres server a run; each file makes its own database in it.
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          // Fuzzing on a busy machine takes more than the usual five seconds.
          testTimeout: 20_000,
          include: everything,
          exclude: [...outside, '**/*.broker.test.ts', '**/*.db.test.ts', 'tests/flow/**', 'tests/long/**'],
        },
      },
      {
        resolve: { alias },
        test: { name: 'broker', include: ['**/*.broker.test.ts'], exclude: outside, testTimeout: 30_000 },
      },
      {
        resolve: { alias },
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: outside,
          globalSetup: ['tests/postgres.setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'flow',
          include: ['tests/flow/**/*.test.ts'],
          exclude: outside,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'long',
          include: ['tests/long/**/*.test.ts'],
          exclude: outside,
          testTimeout: 240_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
