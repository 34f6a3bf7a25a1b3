import { describe, expect, it } from 'vitest'
import { MemoryFolder } from '../storage/memory-folder.ts'
import { CommittedOffsets } from './committed-offsets.ts'

const FILE = 'offsets.log'
const at = (offset: number, partition = 0, topic = 't') => ({ topic, partition, offset, leaderEpoch: -1, metadata: '' })

describe('CommittedOffsets', () => {
  it('keeps what was committed, and nothing of a torn entry, wherever the file is cut', async () => {
    const folder = new MemoryFolder()
    const offsets = await CommittedOffsets.open(folder, false)
    const sizes: number[] = []
    for (const offset of [1, 2, 3]) {
      await offsets.commit('g', [at(offset)])
      sizes.push((await folder.read(FILE))!.length)
    }
    const content = (await folder.read(FILE))!
    for (let cut = 0; cut <= content.length; cut++) {
      const torn = new MemoryFolder()
      await torn.replace(FILE, content.subarray(0, cut))
      const recovered = await CommittedOffsets.open(torn, false)
      const whole = sizes.filter((size) => size <= cut).length
      expect(recovered.get('g', 't', 0)?.offset).toBe(whole === 0 ? undefined : whole)
      await recovered.commit('g', [at(9)])
      expect((await CommittedOffsets.open(torn, false)).get('g', 't', 0)?.offset).toBe(9)
    }
  })

  it('forgets partitions, topics and groups over a restart', async () => {
    const folder = new MemoryFolder()
    const offsets = await CommittedOffsets.open(folder, false)
    await offsets.commit('a', [at(1, 0), at(2, 1), at(3, 0, 'u')])
    await offsets.commit('b', [at(4)])
    await offsets.commit('c', [at(5)])
    await offsets.forget('a', [{ topic: 't', partition: 1 }])
    await offsets.forgetGroup('c')
    await offsets.forgetTopic('u')
    const reopened = await CommittedOffsets.open(folder, false)
    expect(reopened.all('a').map(({ offset }) => offset)).toEqual([1])
    expect(reopened.groupIds()).toEqual(['a', 'b'])
  })

  it('rewrites a log that is mostly past', async () => {
    const folder = new MemoryFolder()
    const offsets = await CommittedOffsets.open(folder, false)
    const metadata = 'm'.repeat(100_000)
    for (let offset = 0; offset < 30; offset++) await offsets.commit('g', [{ ...at(offset), metadata }])
    expect((await folder.read(FILE))!.length).toBeLessThan(1_200_000)
    expect((await CommittedOffsets.open(folder, false)).get('g', 't', 0)?.offset).toBe(29)
  })
})
