// GET /models/<model> and GET /models/<model>/<key> for every model that a consumer writes. The parts of a composite key are
// path segments in the order of @@id: /models/note-line/<noteId>/<lineNo>.
import { type Context, Hono } from 'hono'
import type { Database } from '../database/database.ts'
import type { Model, Models } from '../database/model.ts'
import { MillraceError } from '../errors/millrace-error.ts'
import type { PositionTokens } from '../topic/position-token.ts'
import type { SignedText } from '../topic/signed-text.ts'
import { answerTagged } from './entity-tag.ts'
import { kebabCase } from '../definition/kebab-case.ts'
import { readModelQuery, readRowQuery } from './model-query.ts'
import { modelReader } from './model-reader.ts'
import type { ModelSource } from './model-sources.ts'
import type { ReadAfter } from './read-after.ts'

export interface ModelRoutesOptions {
  readonly models: Models
  readonly sources: ReadonlyMap<string, readonly ModelSource[]>
  readonly database: Pick<Database, 'query'>
  readonly tokens: PositionTokens
  readonly cursors: SignedText
  readonly readAfter: ReadAfter
}

/** The header that names the position of an answer, as a token. */
export const positionHeader = 'millrace-position'

/** Routes of all models that have consumers. Every failure is thrown as a MillraceError. */
export function modelRoutes(options: ModelRoutesOptions): Hono {
  const routes = new Hono()
  const served = [...options.sources.keys()].flatMap((name) => options.models.get(name) ?? [])
  for (const model of served) addRoutes(routes, model, options)
  routes.get('/models/:model/*', (c) => noModel(c, served))
  routes.get('/models/:model', (c) => noModel(c, served))
  return routes
}

function addRoutes(routes: Hono, model: Model, options: ModelRoutesOptions): void {
  const { sources: allSources, readAfter } = options
  const sources = allSources.get(model.name) ?? []
  const reader = modelReader(model, sources, options)
  const path = `/models/${kebabCase(model.name)}`
  const parametersOf = (c: Context): URLSearchParams => new URL(c.req.url).searchParams

  routes.get(path, async (c) => {
    const parameters = parametersOf(c)
    const query = readModelQuery(model, parameters)
    await readAfter(model.name, sources, parameters)
    const page = await reader.page(query)
    c.header(positionHeader, page.position.token)
    return answerTagged(c, JSON.stringify(page), JSON.stringify([page.items, page.next]))
  })
  routes.get(`${path}/${model.key.map((_, index) => `:key${index}`).join('/')}`, async (c) => {
    const parameters = parametersOf(c)
    const fields = readRowQuery(model, parameters)
    const keyTexts = model.key.map((_, index) => c.req.param(`key${index}`) ?? '')
    await readAfter(model.name, sources, parameters)
    const { row, position } = await reader.row(keyTexts, fields)
    if (row === null) {
      throw new MillraceError('MILLRACE_NOT_FOUND', `There is no ${model.name} with this key.`, {
        context: { position: position.token },
      })
    }
    c.header(positionHeader, position.token)
    const body = JSON.stringify(row)
    return answerTagged(c, body, body)
  })
}

function noModel(c: Context, served: readonly Model[]): never {
  const found = served.find(({ name }) => kebabCase(name) === c.req.param('model'))
  throw new MillraceError(
    'MILLRACE_NOT_FOUND',
    found === undefined
      ? `There is no such model. There are ${served.map(({ name }) => kebabCase(name)).join(', ')}.`
      : `A row of ${found.name} has the address /models/${kebabCase(found.name)}/${found.key.map((name) => `<${name}>`).join('/')}.`,
  )
}
