import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader.ts'

function frame(body: string): Buffer {
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length)
  return Buffer.concat([head, Buffer.from(body)])
}

describe('FrameReader', () => {
  it('finds the same frames however the stream is cut', () => {
    const bodies = ['first frame', 'the second frame', 'and one more']
    const stream = Buffer.concat(bodies.map(frame))
    for (let size = 1; size <= stream.length; size++) {
      const reader = new FrameReader(1000)
      const found: string[] = []
      for (let at = 0; at < stream.length; at += size) {
        for (const body of reader.push(stream.subarray(at, at + size))) found.push(body.toString())
      }
      expect(found).toEqual(bodies)
    }
  })

  it.each([
    ['a plain HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a TLS hello', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])],
    ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a frame without a header', Buffer.from([0, 0, 0, 1, 0])],
  ])('refuses %s', (_, bytes) => {
    expect(() => new FrameReader(100 * 1024 * 1024).push(bytes)).toThrow(RangeError)
  })
})
