// Checks a project's definitions against each other and against the Prisma models, before anything is connected. Everything
// that the compiler cannot see is looked at here, and all problems come at once.
import { MillraceError } from '../errors/millrace-error.ts'
import type { AnyTopic } from './define-topic.ts'
import type { Consumer, Definitions } from './definitions.ts'
import type { AnyEventType } from './event-type.ts'
import { consumersOf } from './consumers-of.ts'
import { modelsOf } from './models-of.ts'

/** What the check needs to know of a Prisma model. */
export interface KnownModel {
  readonly name: string
}

type Report = (where: string, problem: string) => void

const kebabCase = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const topicName = /^[a-z0-9][a-z0-9._-]{0,248}$/

/**
 * Checks definitions as a whole.
 * @throws MillraceError `MILLRACE_DEFINITIONS_INVALID` with every problem found
 */
export function validateDefinitions(definitions: Definitions, models: readonly KnownModel[]): void {
  const problems: string[] = []
  const report: Report = (where, problem) => problems.push(`${where}: ${problem}`)
  checkTopics(definitions.topics, report)
  checkConsumers(definitions, models, report)
  checkRoutes(definitions, models, report)
  if (problems.length === 0) return
  throw new MillraceError(
    'MILLRACE_DEFINITIONS_INVALID',
    `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the definitions:\n- ${problems.join('\n- ')}`,
  )
}

function checkTopics(topics: readonly AnyTopic[], report: Report): void {
  const names = new Set<string>()
  const fullNames = new Map<string, AnyEventType>()
  for (const topic of topics) {
    const where = `topic ${topic.name}`
    if (names.has(topic.name)) report(where, 'two topics have this name')
    names.add(topic.name)
    if (!topicName.test(topic.name))
      report(where, 'a topic name is lower case words joined by dots, as in domain.entity')
    if (!Number.isInteger(topic.partitions) || topic.partitions < 1 || topic.partitions > 1000)
      report(where, `partitions is ${topic.partitions}; expected a whole number from 1 to 1,000`)
    if (topic.cleanup === 'compact' && topic.retentionMs !== null)
      report(where, 'a compacted topic keeps the last record of each key; take retentionMs away')
    if (topic.events.length === 0) report(where, 'it carries no events')
    const shortNames = new Set<string>()
    for (const event of topic.events as readonly AnyEventType[]) {
      if (shortNames.has(event.eventName)) report(where, `two of its events are called ${event.eventName}`)
      shortNames.add(event.eventName)
      const fields = fieldsOf(event)
      if (fields !== null && !fields.includes(topic.key))
        report(where, `its key is ${topic.key}, which is no field of ${event.eventName}; it has ${fields.join(', ')}`)
      const known = fullNames.get(event.fullName)
      if (known !== undefined && known !== event) report(where, `${event.fullName} is defined twice`)
      fullNames.set(event.fullName, event)
    }
  }
}

function fieldsOf({ schema }: AnyEventType): readonly string[] | null {
  if (typeof schema === 'string' || !('fields' in schema) || !Array.isArray(schema['fields'])) return null
  return (schema['fields'] as readonly { readonly name: string }[]).map(({ name }) => name)
}

function checkConsumers(definitions: Definitions, models: readonly KnownModel[], report: Report): void {
  const names = new Map<string, string>()
  const owners = new Map<string, string>()
  for (const consumer of consumersOf(definitions)) {
    const where = `${consumer.kind} ${consumer.name}`
    if (!kebabCase.test(consumer.name)) report(where, 'a name is kebab case: lower case words joined by hyphens')
    const other = names.get(consumer.name)
    if (other !== undefined) report(where, `a ${other} has the same name, and names are groups`)
    names.set(consumer.name, consumer.kind)
    if (!Number.isInteger(consumer.version) || consumer.version < 1) report(where, 'version is a whole number from 1')
    if (consumer.from.length === 0) report(where, '`from` names no topic')
    for (const topic of consumer.from) checkKnownTopic(where, 'from', topic, definitions, report)
    if (consumer.kind !== 'projection')
      for (const topic of consumer.to) checkKnownTopic(where, 'to', topic, definitions, report)
    checkHandlers(where, consumer, report)
    for (const model of modelsOf(consumer)) {
      if (!models.some(({ name }) => name === model))
        report(where, `prisma/schema.prisma has no model ${model}; add it, or run prisma generate if it is new`)
      const owner = owners.get(model)
      if (owner !== undefined) report(where, `model ${model} is already written by ${owner}; a model has one owner`)
      owners.set(model, where)
    }
    if (consumer.kind === 'worker') checkPolicy(where, consumer, report)
    if (consumer.kind === 'processor' && Object.keys(consumer.state).length > 0)
      checkCoPartitioned(where, consumer, report)
  }
}

/** A processor's state is read while it sends, so all events of one key must come to one member, in one order per topic. */
function checkCoPartitioned(where: string, { from }: Consumer, report: Report): void {
  const [first] = from
  for (const { name, partitions, partitioner } of from) {
    if (partitioner !== 'murmur2') report(where, `it keeps state, so ${name} must not say partitioner: 'any'`)
    if (partitions !== first?.partitions)
      report(
        where,
        `it keeps state, so its topics need equally many partitions: ${name} has ${partitions}, ${first?.name} has ${first?.partitions}`,
      )
  }
}

function checkPolicy(where: string, worker: Extract<Consumer, { kind: 'worker' }>, report: Report): void {
  if (!Number.isInteger(worker.concurrency) || worker.concurrency < 1)
    report(where, `concurrency is ${worker.concurrency}; expected a whole number from 1`)
  if (!(worker.timeoutMs > 0)) report(where, `timeoutMs is ${worker.timeoutMs}; expected milliseconds above 0`)
  if (worker.retryDelaysMs.some((delay) => !(delay >= 0)))
    report(where, `retryDelaysMs is [${worker.retryDelaysMs.join(', ')}]; expected milliseconds from 0`)
}

function checkKnownTopic(
  where: string,
  option: string,
  topic: AnyTopic,
  definitions: Definitions,
  report: Report,
): void {
  if (!definitions.topics.includes(topic))
    report(
      where,
      `\`${option}\` names topic ${topic.name}, which is not the default export of a file in schemas/topics/`,
    )
}

/** A project in JavaScript, or one whose generated types are old, may miss a handler that the compiler would have asked for. */
function checkHandlers(where: string, consumer: Consumer, report: Report): void {
  const events = new Map<string, AnyEventType>()
  for (const topic of consumer.from) {
    for (const event of topic.events as readonly AnyEventType[]) {
      const known = events.get(event.eventName)
      if (known !== undefined && known !== event)
        report(where, `two of its topics carry different events called ${event.eventName}`)
      events.set(event.eventName, event)
    }
  }
  for (const name of consumer.ignore)
    if (!events.has(name)) report(where, `\`ignore\` names ${name}, which none of its topics carries`)
  for (const [place, handlers] of handlersOf(consumer)) {
    for (const name of events.keys())
      if (!consumer.ignore.includes(name) && typeof handlers[name] !== 'function')
        report(where, `${place} has no handler for ${name}; write one, or put the name into \`ignore\``)
    for (const name of Object.keys(handlers))
      if (name !== 'Tombstone' && !events.has(name))
        report(where, `${place} handles ${name}, which none of its topics carries`)
  }
}

function handlersOf(consumer: Consumer): [string, Readonly<Record<string, unknown>>][] {
  const folds = (tables: Readonly<Record<string, { evolve: Readonly<Record<string, unknown>> }>>): typeof result =>
    Object.entries(tables).map(([model, table]) => [`${model}.evolve`, table.evolve])
  const result: [string, Readonly<Record<string, unknown>>][] = []
  if (consumer.kind === 'projection') return folds(consumer.tables)
  if (consumer.kind === 'worker') return [['handle', consumer.handle]]
  return [['on', consumer.on], ...folds(consumer.state)]
}

function checkRoutes(definitions: Definitions, models: readonly KnownModel[], report: Report): void {
  const routes = new Map<string, string>()
  const take = (where: string, route: string): void => {
    if (!route.includes(' /')) report(where, `its path must begin with a slash`)
    const other = routes.get(route)
    if (other !== undefined) report(where, `${route} is already answered by ${other}`)
    routes.set(route, where)
  }
  for (const producer of definitions.producers) {
    const where = `producer ${producer.name}`
    if (!kebabCase.test(producer.name)) report(where, 'a name is kebab case: lower case words joined by hyphens')
    if (producer.to.length === 0) report(where, '`to` names no topic')
    for (const topic of producer.to) checkKnownTopic(where, 'to', topic, definitions, report)
    if (producer.source.kind === 'http') take(where, `POST ${producer.source.path}`)
  }
  for (const query of definitions.queries) {
    const where = `query ${query.name}`
    take(where, `GET ${query.path}`)
    for (const model of query.reads)
      if (!models.some(({ name }) => name === model)) report(where, `\`reads\` names ${model}, which is no model`)
  }
}
