import { expect, test } from 'vitest'

import { connectionSettings } from './connection-settings.ts'

test.for([
  ['postgres://u@h:1/db', 'postgres://u@h:1/db', '-c search_path="public"'],
  ['postgres://u@h/db?schema=app&connection_limit=5', 'postgres://u@h/db', '-c search_path="app"'],
  [
    'postgres://u@h/db?schema=my%20app&sslmode=disable',
    'postgres://u@h/db?sslmode=disable',
    String.raw`-c search_path="my\ app"`,
  ],
  ['postgres://u@h/db?options=-c%20jit%3Doff', 'postgres://u@h/db', '-c search_path="public" -c jit=off'],
])('%s', ([url, connectionString, options]) => {
  expect(connectionSettings(url ?? '')).toEqual({ connectionString, options })
})
