// One client connection: cuts requests out of the stream, starts each at once in the order of arrival and sends the
// replies in that order. Garbage, an unknown API, a version that is not supported and a handler that throws end this
// connection and nothing else. A client that does not read its replies, or sends faster than they leave, is not read from.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { ApiHandler, BrokerState } from './api/api-handler.ts'
import { FrameReader } from './wire/frame-reader.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

const FETCH = 1
const API_VERSIONS = 18
/** A client that does not read its replies must not hold the stop of the broker. */
const LONGEST_GOODBYE_MS = 1000
const MOST_REQUESTS_IN_FLIGHT = 64

export type ConnectionOptions = {
  readonly handlers: ReadonlyMap<number, ApiHandler>
  readonly maxRequestBytes: number
  readonly notice: (line: string) => void
}

export class Connection {
  readonly #socket: Socket
  readonly #broker: BrokerState
  readonly #options: ConnectionOptions
  readonly #frames: FrameReader
  readonly #parked = new Set<() => void>()
  readonly #clientHost: string
  #replies: Promise<void> = Promise.resolve()
  #inFlight = 0
  #started = 0
  /** Number of the last request that does not want to wait behind an idle fetch. */
  #lastHurried = 0
  #isEnding = false

  constructor(socket: Socket, broker: BrokerState, options: ConnectionOptions) {
    this.#socket = socket
    this.#broker = broker
    this.#options = options
    this.#frames = new FrameReader(options.maxRequestBytes)
    this.#clientHost = `/${socket.remoteAddress ?? ''}`
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (chunk) => {
      this.#receive(chunk)
    })
    // A reset by the peer is the end of a connection like any other.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#hurry()
    })
  }

  /** Ends the connection after the replies that are under way. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#socket.pause()
    this.#hurry()
    let cancel = (): void => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#broker.clock.after(LONGEST_GOODBYE_MS, resolve)
    })
    await Promise.race([this.#replies, patience])
    cancel()
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) this.#start(frame)
    } catch (error) {
      this.#fail(error)
    }
  }

  #start(frame: Buffer): void {
    if (this.#socket.destroyed || this.#isEnding) return
    const header = new Reader(frame)
    const key = header.i16()
    const asked = header.i16()
    const correlationId = header.i32()
    // Not for another fetch: two of them on one connection would wake each other without end.
    this.#started++
    if (key !== FETCH) {
      this.#lastHurried = this.#started
      this.#hurry()
    }
    const handler = this.#options.handlers.get(key)
    if (!handler) throw new RangeError(`There is no API ${key}.`)
    const isKnown = asked >= handler.minVersion && asked <= handler.maxVersion
    if (!isKnown && key !== API_VERSIONS) throw new RangeError(`${handler.name} has no version ${asked}.`)
    const clientId = header.fixedNullableString() ?? ''
    const flexible = isKnown && asked >= handler.flexibleFrom
    const body = new Reader(frame, header.position, flexible)
    body.tags()
    const reply = new Writer(flexible)
    reply.i32(0).i32(correlationId)
    // Clients read the header of this one reply before they know which versions the broker has.
    if (key !== API_VERSIONS) reply.tags()
    this.#answer(handler, reply, { version: asked, clientId, body })
  }

  #answer(handler: ApiHandler, reply: Writer, request: { version: number; clientId: string; body: Reader }): void {
    let isWanted = true
    const number = this.#started
    const handled = Promise.resolve(
      handler.handle(
        {
          ...request,
          clientHost: this.#clientHost,
          reply,
          withoutReply: () => {
            isWanted = false
          },
          onHurry: (wake) => {
            // A fetch reads before it parks: by then the request that it would hold up may be here already.
            if (this.#lastHurried > number || this.#socket.destroyed) queueMicrotask(wake)
            this.#parked.add(wake)
            return () => this.#parked.delete(wake)
          },
        },
        this.#broker,
      ),
    )
    this.#inFlight++
    if (this.#inFlight >= MOST_REQUESTS_IN_FLIGHT) this.#socket.pause()
    this.#replies = Promise.all([handled, this.#replies])
      .then(() => (isWanted ? this.#send(reply) : undefined))
      .catch((error: unknown) => {
        this.#fail(error)
      })
      .finally(() => {
        this.#inFlight--
        if (this.#inFlight < MOST_REQUESTS_IN_FLIGHT && !this.#isEnding) this.#socket.resume()
      })
  }

  async #send(reply: Writer): Promise<void> {
    if (this.#socket.destroyed) return
    const chunks = reply.chunks()
    chunks[0]!.writeInt32BE(reply.length - 4, 0)
    this.#socket.cork()
    let isTaken = true
    for (const chunk of chunks) isTaken = this.#socket.write(chunk)
    this.#socket.uncork()
    if (isTaken || this.#socket.destroyed) return
    const ended = new AbortController()
    const closed = once(this.#socket, 'close', { signal: ended.signal })
    const drained = once(this.#socket, 'drain', { signal: ended.signal })
    await Promise.race([closed, drained]).finally(() => {
      ended.abort()
    })
  }

  /** Lets parked requests answer with what they have. */
  #hurry(): void {
    for (const wake of this.#parked) wake()
  }

  #fail(error: unknown): void {
    if (this.#socket.destroyed) return
    const text = error instanceof Error ? error.message : String(error)
    this.#options.notice(`closed the connection of ${this.#clientHost}: ${text}`)
    this.#socket.destroy()
  }
}
