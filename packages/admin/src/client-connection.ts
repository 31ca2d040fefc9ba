import type { Socket } from 'node:net'
import { type BulkheadError, Fault } from '@bulkhead/vocabulary'
import { z } from 'zod'
import { protocolVersion } from './connection.js'
import { type Frame, parseFrame, renderFrame } from './frame.js'
import { ItemQueue } from './item-queue.js'
import { defaultAdminLimits, greetingAnswerMs, requestAnswerMs, streamItemsKeptMax } from './limits.js'
import { LineReader } from './line-reader.js'
import { unreachable } from './unreachable.js'
import { errorFromPeer } from './wire-error.js'

const greeting = z.object({
  hello: z.literal(protocolVersion),
  server: z.object({ version: z.string(), pid: z.number() }),
})

type Pending =
  | { readonly kind: 'one'; readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }
  | { readonly kind: 'many'; readonly items: ItemQueue<unknown> }

/** The client's side of the protocol, over a connected socket. */
export class ClientConnection {
  readonly #socket: Socket
  readonly #directory: string
  readonly #lines = new LineReader(defaultAdminLimits.answerLineBytesMax)
  readonly #pending = new Map<number, Pending>()
  /** Requests beyond what the process takes at once wait here, in their order. */
  readonly #waiting: (() => void)[] = []
  #greeting: { readonly resolve: (frame: Frame) => void; readonly reject: (error: unknown) => void } | undefined
  #nextId = 1
  #failure: BulkheadError | undefined

  constructor(socket: Socket, directory: string) {
    this.#socket = socket
    this.#directory = directory
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#fail(unreachable(directory, 'it closed the connection')))
  }

  async greet(token: string): Promise<{ readonly version: string; readonly pid: number }> {
    const late = setTimeout(() => this.#fail(unreachable(this.#directory, 'it does not answer')), greetingAnswerMs)
    try {
      const frame = await new Promise<Frame>((resolve, reject) => {
        this.#greeting = { resolve, reject }
        this.#socket.write(renderFrame({ hello: protocolVersion, token }))
      })
      const answer = greeting.safeParse(frame)
      if (answer.success) return answer.data.server
      throw unreachable(this.#directory, 'it speaks another version of the protocol')
    } catch (error) {
      this.#socket.destroy()
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  request(command: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = (): void => this.#fail(unreachable(this.#directory, `\`${command}\` has no answer yet`))
      const timer = setTimeout(late, requestAnswerMs)
      const settled = <Value>(settle: (value: Value) => void) => {
        return (value: Value): void => {
          clearTimeout(timer)
          settle(value)
        }
      }
      this.#ask(command, input, { kind: 'one', resolve: settled(resolve), reject: settled(reject) })
    })
  }

  stream(command: string, input: unknown): ItemQueue<unknown> {
    const items = new ItemQueue<unknown>(
      () => this.#resumeWhenTaken(items),
      () => this.#cancel(items),
    )
    this.#ask(command, input, { kind: 'many', items })
    return items
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve()
      this.#socket.once('close', () => resolve())
      this.#socket.destroy()
    })
  }

  #ask(command: string, input: unknown, pending: Pending): void {
    if (this.#failure !== undefined) {
      fail(pending, this.#failure)
      return
    }
    const id = this.#nextId++
    if (this.#pending.size >= defaultAdminLimits.requestsInFlightMax) {
      this.#waiting.push(() => this.#ask(command, input, pending))
      return
    }
    this.#pending.set(id, pending)
    this.#socket.write(renderFrame({ id, command, input }))
  }

  #receive(chunk: Uint8Array): void {
    const verdict = this.#lines.push(chunk, (line) => {
      try {
        this.#take(parseFrame(line))
      } catch {
        this.#fail(strangeAnswer())
      }
      return this.#failure === undefined ? 'more' : 'stop'
    })
    if (verdict === 'too-long') this.#fail(strangeAnswer())
  }

  #take(frame: Frame): void {
    const { id } = frame
    if (typeof id === 'number') this.#takeAnswer(id, frame)
    // An error of no request: the process ends the connection, and says why.
    else if (frame['error'] !== undefined) this.#fail(errorFromPeer(frame['error']))
    else this.#greeting?.resolve(frame)
  }

  #takeAnswer(id: number, frame: Frame): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    if (pending.kind === 'many' && 'item' in frame) {
      pending.items.push(frame['item'])
      if (pending.items.length >= streamItemsKeptMax) this.#socket.pause()
      return
    }
    this.#pending.delete(id)
    this.#waiting.shift()?.()
    if (frame['error'] !== undefined) fail(pending, errorFromPeer(frame['error']))
    else if (pending.kind === 'one') pending.resolve(frame['ok'])
    else pending.items.end()
  }

  /** While a consumer is behind, nothing is read for anybody: ask over a second connection what must not wait. */
  #resumeWhenTaken(items: ItemQueue<unknown>): void {
    if (items.length < streamItemsKeptMax) this.#socket.resume()
  }

  #cancel(items: ItemQueue<unknown>): void {
    for (const [id, pending] of this.#pending) {
      if (pending.kind === 'many' && pending.items === items) this.#socket.write(renderFrame({ id, cancel: true }))
    }
    this.#socket.resume()
  }

  #fail(error: BulkheadError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#greeting?.reject(error)
    const open = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of open) fail(pending, error)
    for (const ask of this.#waiting.splice(0)) ask()
    this.#socket.destroy()
  }
}

function fail(pending: Pending, error: BulkheadError): void {
  if (pending.kind === 'one') pending.reject(error)
  else pending.items.end(error)
}

function strangeAnswer(): Fault {
  return new Fault('internal', 'the running process does not speak the admin protocol')
}
