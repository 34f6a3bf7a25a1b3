import { describe, expect, it } from 'vitest'
import { MemoryFolder } from '../storage/memory-folder.ts'
import { makeBatch } from '../testing/make-batch.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { errorCode } from '../wire/error-code.ts'
import { PartitionLog, type LogSettings } from './partition-log.ts'
import { batchExtentAt, isIntactBatch } from './record-batch.ts'

const SEGMENT = '00000000000000000000'
const defaults: LogSettings = { maxMessageBytes: 1_000_000, segmentBytes: 1_000_000, logAppendTime: false }

function openLog(folder = new MemoryFolder(), settings: Partial<LogSettings> = {}, notices: string[] = []) {
  return PartitionLog.open(folder, {
    clock: new ManualClock(),
    syncEach: false,
    settings: () => ({ ...defaults, ...settings }),
    notice: (line) => notices.push(line),
  })
}

/** Last offsets of the batches in a piece of log, each checked. */
function lastOffsets(batches: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at < batches.length;) {
    expect(isIntactBatch(batches, at)).toBe(true)
    const extent = batchExtentAt(batches, at)!
    found.push(extent.lastOffset)
    at += extent.sizeBytes
  }
  return found
}

describe('PartitionLog', () => {
  it('gives offsets in the order of the calls and reads whole batches from the one that holds the offset', async () => {
    const log = await openLog()
    const appended = await Promise.all([
      log.append(makeBatch({ values: ['a', 'b', 'c'] })),
      log.append(makeBatch({ values: ['d'] })),
      log.append(makeBatch({ values: ['e', 'f'] })),
    ])
    expect(appended.map(({ baseOffset }) => baseOffset)).toEqual([0, 3, 4])
    expect(log.highWatermark).toBe(6)
    expect(lastOffsets(await log.read(1, 1_000_000))).toEqual([2, 3, 5])
    expect(lastOffsets(await log.read(5, 1))).toEqual([5])
    expect(await log.read(6, 1_000_000)).toHaveLength(0)
    await expect(log.read(7, 1)).rejects.toMatchObject({ code: errorCode.offsetOutOfRange })
  })

  it.each([
    ['a wrong checksum', (batch: Buffer) => batch.fill(1, batch.length - 1), errorCode.corruptMessage],
    ['a cut batch', (batch: Buffer) => batch.subarray(0, batch.length - 1), errorCode.corruptMessage],
    ['two batches', (batch: Buffer) => Buffer.concat([batch, batch]), errorCode.invalidRecord],
    ['format v1', (batch: Buffer) => batch.fill(1, 16, 17), errorCode.unsupportedForMessageFormat],
    ['too many bytes', () => makeBatch({ values: ['x'.repeat(2000)] }), errorCode.messageTooLarge],
  ])('refuses %s and stays as it is', async (_, spoil, code) => {
    const log = await openLog(new MemoryFolder(), { maxMessageBytes: 1000 })
    await expect(log.append(spoil(makeBatch()))).rejects.toMatchObject({ code })
    expect((await log.append(makeBatch())).baseOffset).toBe(0)
  })

  it('recovers exactly the whole batches, wherever the tail is cut', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder)
    for (const values of [['a'], ['b', 'c'], ['d']]) await log.append(makeBatch({ values }))
    const content = (await folder.read(`${SEGMENT}.log`))!
    const ends: number[] = []
    for (let at = 0; at < content.length;) {
      at += batchExtentAt(content, at)!.sizeBytes
      ends.push(at)
    }
    const offsetsAfter = [0, 1, 3, 4]
    for (let cut = 0; cut <= content.length; cut++) {
      const torn = new MemoryFolder()
      await torn.replace(`${SEGMENT}.log`, content.subarray(0, cut))
      const recovered = await openLog(torn)
      const whole = ends.filter((end) => end <= cut).length
      expect(recovered.highWatermark).toBe(offsetsAfter[whole])
      expect((await recovered.append(makeBatch())).baseOffset).toBe(offsetsAfter[whole])
    }
  })

  it('cuts the tail at a flipped byte', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder)
    for (let i = 0; i < 3; i++) await log.append(makeBatch())
    const content = Buffer.from((await folder.read(`${SEGMENT}.log`))!)
    content[content.length - 3]! ^= 1
    await folder.replace(`${SEGMENT}.log`, content)
    const notices: string[] = []
    expect((await openLog(folder, {}, notices)).highWatermark).toBe(2)
    expect(notices.join()).toContain('torn tail')
  })

  it('knows the batches of a producer after a crash and after a clean stop', async () => {
    const folder = new MemoryFolder()
    const batch = (baseSequence: number): Buffer => makeBatch({ producerId: 1, producerEpoch: 0, baseSequence })
    const first = await openLog(folder)
    await first.append(batch(0))
    await first.append(batch(1))
    const crashed = await openLog(folder)
    expect((await crashed.append(batch(0))).baseOffset).toBe(0)
    expect((await crashed.append(batch(2))).baseOffset).toBe(2)
    await crashed.close()
    const stopped = await openLog(folder)
    expect((await stopped.append(batch(1))).baseOffset).toBe(1)
    await expect(stopped.append(batch(9))).rejects.toMatchObject({ code: errorCode.outOfOrderSequenceNumber })
    expect(stopped.highWatermark).toBe(3)
  })

  it('does not take a batch that a crash lost for written, though the segment was rolled for it', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder, { segmentBytes: 150 })
    const batch = (baseSequence: number): Buffer => makeBatch({ producerId: 1, producerEpoch: 0, baseSequence })
    await Promise.all([0, 1, 2, 3].map((sequence) => log.append(batch(sequence))))
    const segments = (await folder.names()).filter((name) => name.endsWith('.log')).sort()
    await folder.removeFile(segments.at(-1)!)
    const recovered = await openLog(folder, { segmentBytes: 150 })
    const lost = recovered.highWatermark
    expect(lost).toBeLessThan(4)
    expect((await recovered.append(batch(lost))).baseOffset).toBe(lost)
    expect(recovered.highWatermark).toBe(lost + 1)
  })

  it('reads, finds times and deletes records over several segments', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder, { segmentBytes: 200 })
    for (let i = 0; i < 10; i++)
      await log.append(makeBatch({ values: ['x', 'y'], timestamps: [1000 + 10 * i, 1005 + 10 * i] }))
    for (const again of [log, await openLog(folder, { segmentBytes: 200 })]) {
      expect(await again.findByTime(0)).toEqual({ offset: 0, timestamp: 1000 })
      expect(await again.findByTime(1041)).toEqual({ offset: 9, timestamp: 1045 })
      expect(await again.findByTime(2000)).toBeNull()
      expect(await again.findHighestTime()).toEqual({ offset: 19, timestamp: 1095 })
      for (let offset = 0; offset < 20; offset++) expect(lastOffsets(await again.read(offset, 1))[0]).toBe(offset | 1)
    }
    const before = log.sizeBytes
    expect(await log.deleteRecordsBefore(11)).toBe(11)
    expect(log.sizeBytes).toBeLessThan(before)
    await expect(log.read(10, 1)).rejects.toMatchObject({ code: errorCode.offsetOutOfRange })
    expect(lastOffsets(await log.read(11, 1))).toEqual([11])
    const reopened = await openLog(folder)
    expect([reopened.logStartOffset, reopened.highWatermark]).toEqual([11, 20])
  })

  it('stamps the append time where the topic says so', async () => {
    const log = await openLog(new MemoryFolder(), { logAppendTime: true })
    const { appendTime } = await log.append(makeBatch({ timestamps: [5] }))
    expect(appendTime).toBe(1_000_000)
    expect(lastOffsets(await log.read(0, 1000))).toEqual([0])
    expect(await log.findByTime(1_000_000)).toEqual({ offset: 0, timestamp: 1_000_000 })
  })

  it('refuses everything behind a failed write, then goes on from what is on disk', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder)
    const batch = (baseSequence: number): Buffer => makeBatch({ producerId: 1, producerEpoch: 0, baseSequence })
    await log.append(batch(0))
    const file = await folder.open(`${SEGMENT}.log`)
    file.fail = new Error('no space left on device')
    const results = await Promise.allSettled([log.append(batch(1)), log.append(batch(2)), log.append(batch(1))])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    file.fail = null
    expect((await log.append(batch(1))).baseOffset).toBe(1)
    expect((await log.append(batch(0))).baseOffset).toBe(0)
    expect(log.highWatermark).toBe(2)
  })

  it('refuses to start on damage that is not a torn tail', async () => {
    const folder = new MemoryFolder()
    const log = await openLog(folder, { segmentBytes: 100 })
    for (let i = 0; i < 3; i++) await log.append(makeBatch())
    await folder.removeFile(`${SEGMENT}.index`)
    await folder.replace(`${SEGMENT}.log`, (await folder.read(`${SEGMENT}.log`))!.subarray(0, 20))
    await expect(openLog(folder)).rejects.toThrow('is damaged at byte 0')
  })
})
