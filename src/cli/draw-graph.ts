// Draws what a project defines: for each topic what feeds it and what reads it. Text for terminals, Mermaid for pages.
import { consumersOf } from '../definition/consumers-of.ts'
import type { AnyTopic } from '../definition/define-topic.ts'
import type { Consumer, Definitions } from '../definition/definitions.ts'
import { modelsOf } from '../definition/models-of.ts'

function targetsOf(consumer: Consumer): string[] {
  const topics = consumer.kind === 'projection' ? [] : consumer.to.map(({ name }) => name)
  return [...topics, ...modelsOf(consumer)]
}

function feedersOf(topic: AnyTopic, definitions: Definitions): string[] {
  const fromOutside = definitions.producers
    .filter(({ to }) => to.includes(topic))
    .map(({ name, source }) => (source.kind === 'http' ? `POST ${source.path} (${name})` : `schedule (${name})`))
  const fromConsumers = [...definitions.processors, ...definitions.workers]
    .filter(({ to }) => to.includes(topic))
    .map(({ kind, name }) => `${kind} ${name}`)
  return ['POST /events', ...fromOutside, ...fromConsumers]
}

/** The graph as indented text, one topic after the other. */
export function drawGraph(definitions: Definitions): string {
  const blocks = definitions.topics.map((topic) => {
    const shape = `${topic.partitions} partitions, key ${topic.key}${topic.cleanup === 'compact' ? ', compacted' : ''}`
    const readers = consumersOf(definitions)
      .filter(({ from }) => from.includes(topic))
      .map(
        (consumer) =>
          `  → ${[`${consumer.kind} ${consumer.name}`, targetsOf(consumer).join(', ')].filter(Boolean).join(' → ')}`,
      )
    return [`${topic.name}  (${shape})`, `  ← ${feedersOf(topic, definitions).join(', ')}`, ...readers].join('\n')
  })
  return blocks.join('\n\n')
}

/** The graph in Mermaid's notation. */
export function drawMermaid(definitions: Definitions): string {
  const id = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_')
  const lines = ['flowchart LR']
  for (const { name } of definitions.topics) lines.push(`  ${id(name)}[(${name})]`)
  for (const { name, to, source } of definitions.producers) {
    lines.push(`  producer_${id(name)}>${source.kind === 'http' ? `POST ${source.path}` : `schedule ${name}`}]`)
    for (const topic of to) lines.push(`  producer_${id(name)} --> ${id(topic.name)}`)
  }
  for (const consumer of consumersOf(definitions)) {
    lines.push(`  ${id(consumer.name)}(${consumer.kind} ${consumer.name})`)
    for (const topic of consumer.from) lines.push(`  ${id(topic.name)} --> ${id(consumer.name)}`)
    for (const model of modelsOf(consumer)) lines.push(`  ${id(consumer.name)} --> model_${model}[[${model}]]`)
    if (consumer.kind !== 'projection')
      for (const topic of consumer.to) lines.push(`  ${id(consumer.name)} --> ${id(topic.name)}`)
  }
  return lines.join('\n')
}
