import { expect, it } from 'vitest'
import { parseCommand } from './parse-command.ts'

it.each([
  ['weather', { kind: 'weather', location: null }],
  ['  Weather  in New   York ? ', { kind: 'weather', location: 'New York' }],
  ['weather for Oslo.', { kind: 'weather', location: 'Oslo' }],
  ['set location Lima', { kind: 'set-location', location: 'Lima' }],
  ['Change my location to São Paulo', { kind: 'set-location', location: 'São Paulo' }],
  ['I live in Cairo', { kind: 'set-location', location: 'Cairo' }],
  ['HELP!', { kind: 'help' }],
  ['helpless', { kind: 'unknown' }],
  ['set location', { kind: 'unknown' }],
  ['', { kind: 'unknown' }],
])('reads %j', (text, command) => {
  expect(parseCommand(text)).toEqual(command)
})
