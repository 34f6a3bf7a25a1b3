import { describe, expect, it } from 'vitest'
import type { AnyTopic } from '../definition/define-topic.ts'
import { topicSpec } from './ensure-topics.ts'

const topic: AnyTopic = {
  kind: 'topic',
  name: 'domain.entity',
  key: 'id',
  partitions: 6,
  events: [],
  cleanup: 'delete',
  retentionMs: null,
  partitioner: 'murmur2',
}

describe('topicSpec', () => {
  it('keeps records for ever', () => {
    expect(topicSpec(topic)).toEqual({
      name: 'domain.entity',
      partitions: 6,
      configs: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
    })
  })

  it('keeps records for as long as the definition says', () => {
    expect(topicSpec({ ...topic, retentionMs: 60_000 }).configs['retention.ms']).toBe('60000')
  })

  it('leaves the retention of a compacted topic alone', () => {
    expect(topicSpec({ ...topic, cleanup: 'compact' }).configs).toEqual({ 'cleanup.policy': 'compact' })
  })
})
