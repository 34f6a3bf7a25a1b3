// A client of one connection that sends hand-made requests, for what a real client would never do.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { FrameReader } from '../wire/frame-reader.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'

export class WireClient {
  readonly socket: Socket
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #correlationId = 0

  private constructor(socket: Socket) {
    this.socket = socket
    const frames = new FrameReader(100_000_000)
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) this.#waiting.shift()?.(frame)
    })
    socket.on('error', () => {})
  }

  static async connect(port: number): Promise<WireClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new WireClient(socket)
  }

  /** Sends a request of a version that is not flexible; resolves with the reply behind its correlation id. */
  request(key: number, version: number, write: (body: Writer) => void): Promise<Reader> {
    const request = new Writer()
    const correlationId = ++this.#correlationId
    request.i16(key).i16(version).i32(correlationId).string('wire-client')
    write(request)
    this.socket.write(new Writer().bytes(request.toBuffer()).toBuffer())
    return new Promise((resolve, reject) => {
      this.socket.once('close', () => {
        reject(new Error('The broker closed the connection.'))
      })
      this.#waiting.push((frame) => {
        const reader = new Reader(frame)
        if (reader.i32() === correlationId) resolve(reader)
        else reject(new Error('A reply came out of order.'))
      })
    })
  }

  /** Produces one batch with acks=all; gives the error code and the base offset of the reply. */
  async produce(topic: string, partition: number, batch: Buffer): Promise<{ code: number; baseOffset: number }> {
    const reply = await this.request(0, 7, (body) => {
      body.string(null).i16(-1).i32(1000)
      body.array([topic], (name) => {
        body.string(name)
        body.array([partition], (index) => body.i32(index).bytes(batch))
      })
    })
    reply.i32()
    reply.string()
    reply.i32()
    reply.i32()
    return { code: reply.i16(), baseOffset: reply.i64() }
  }

  close(): void {
    this.socket.destroy()
  }
}
