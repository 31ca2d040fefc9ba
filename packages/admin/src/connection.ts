import type { Socket } from 'node:net'
import { BulkheadError, Fault, type WireError, wireFromUnknown } from '@bulkhead/vocabulary'
import { checkInput, commandNamed } from './check-request.js'
import type { CommandTable } from './command-table.js'
import { type Frame, parseFrame, renderFrame } from './frame.js'
import { type AdminLimits, errorCharactersMax } from './limits.js'
import { LineReader } from './line-reader.js'
import { isToken } from './token.js'

/** Why somebody was turned away at the door. */
export type Rejection = { readonly reason: 'wrong-token' | 'no-hello' }

/** The protocol's number: the first thing that both sides say. */
export const protocolVersion = 1

export type ConnectionPowers = {
  readonly commands: CommandTable
  readonly handlers: { readonly [name: string]: (input: never, call: { readonly signal: AbortSignal }) => unknown }
  readonly token: string
  readonly server: { readonly version: string; readonly pid: number }
  readonly limits: AdminLimits
  readonly onRejected: (rejection: Rejection) => void
  readonly onFault: (thrown: unknown, command: string) => void
}

/**
 * One caller of the admin socket. Until it has shown the token nothing of it is looked at but its first line. Whoever
 * breaks the protocol is told why in one line and cut off; a request that is only wrong (an unknown command, a bad input,
 * a refusal) is answered, and the connection goes on.
 */
export class AdminConnection {
  readonly #socket: Socket
  readonly #powers: ConnectionPowers
  readonly #lines: LineReader
  /** Requests without their last line yet; each can be told that nobody waits any more. */
  readonly #inFlight = new Map<number, { readonly abort: AbortController; readonly done: Promise<void> }>()
  #phase: 'greeting' | 'open' | 'ended' = 'greeting'
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, powers: ConnectionPowers) {
    this.#socket = socket
    this.#powers = powers
    this.#lines = new LineReader(powers.limits.helloLineBytesMax)
    this.#timer = setTimeout(() => this.#end(wrongHello()), powers.limits.helloMs).unref()
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.#peerEnded())
    socket.on('timeout', () => this.#idle())
    socket.on('close', () => this.#close())
    // Without a listener a peer that resets the connection would end the process. `close` follows.
    socket.on('error', () => {})
  }

  /** Cuts the caller off; requests at work are told, and go on to their end without it. */
  destroy(): void {
    this.#close()
    this.#socket.destroy()
  }

  /** Ends the streams, and resolves when every request that is at work has been answered. */
  async drain(): Promise<void> {
    for (const { abort } of this.#inFlight.values()) abort.abort()
    await Promise.all([...this.#inFlight.values()].map(({ done }) => done))
  }

  #receive(chunk: Uint8Array): void {
    if (this.#phase === 'ended') return
    const verdict = this.#lines.push(chunk, (line) => {
      this.#take(line)
      return this.#phase === 'ended' ? 'stop' : 'more'
    })
    if (verdict === 'too-long') this.#end(this.#phase === 'greeting' ? wrongHello() : tooLong(this.#powers.limits))
  }

  #take(line: Uint8Array): void {
    try {
      const frame = parseFrame(line)
      if (this.#phase === 'greeting') this.#greet(frame)
      else this.#takeRequest(frame)
    } catch (thrown) {
      this.#end(thrown)
    }
  }

  #greet(frame: Frame): void {
    if (frame['hello'] !== protocolVersion) throw wrongHello()
    clearTimeout(this.#timer)
    if (!isToken(frame['token'], this.#powers.token)) {
      // Told at once, so that who guesses and hangs up is on record too. Nothing more is read meanwhile, and every refusal
      // takes the same time.
      this.#phase = 'ended'
      this.#powers.onRejected({ reason: 'wrong-token' })
      this.#timer = setTimeout(() => this.#end(wrongToken()), this.#powers.limits.refusalDelayMs).unref()
      return
    }
    this.#phase = 'open'
    this.#lines.lineBytesMax = this.#powers.limits.requestLineBytesMax
    this.#socket.setTimeout(this.#powers.limits.idleMs)
    void this.#send({ hello: protocolVersion, server: this.#powers.server })
  }

  #takeRequest(frame: Frame): void {
    const { id, command, input, cancel } = frame
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) throw malformed('`id` is not a whole number')
    if (cancel === true) {
      this.#inFlight.get(id)?.abort.abort()
      return
    }
    if (typeof command !== 'string') throw malformed('`command` is not a text')
    if (this.#inFlight.has(id)) throw malformed(`\`id\` ${id} is in use`)
    const { requestsInFlightMax } = this.#powers.limits
    if (this.#inFlight.size >= requestsInFlightMax) {
      throw malformed(`more than ${requestsInFlightMax} requests wait for their answers`)
    }
    const abort = new AbortController()
    const done = this.#serve(id, command, input ?? {}, abort.signal).then(() => {
      this.#inFlight.delete(id)
      if (this.#socket.readableEnded && this.#inFlight.size === 0) this.#socket.end()
    })
    this.#inFlight.set(id, { abort, done })
  }

  async #serve(id: number, command: string, input: unknown, signal: AbortSignal): Promise<void> {
    try {
      const spec = commandNamed(this.#powers.commands, command)
      const handler = this.#powers.handlers[command]
      if (handler === undefined) throw new Fault('internal', `nothing stands behind the command \`${command}\``)
      const answer = handler(checkInput(spec, input, command) as never, { signal })
      if ('item' in spec) await this.#sendItems(id, answer as AsyncIterable<unknown>, signal)
      else await this.#send({ id, ok: (await answer) ?? null })
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError) || thrown instanceof Fault) this.#powers.onFault(thrown, command)
      await this.#sendError(id, withoutStack(wireFromUnknown(thrown)))
    }
  }

  /** Details that JSON cannot say, or that are too long, are left out: the error itself must arrive. */
  async #sendError(id: number, error: WireError): Promise<void> {
    try {
      await this.#send({ id, error })
    } catch {
      await this.#send({ id, error: { ...error, message: error.message.slice(0, errorCharactersMax), details: {} } })
    }
  }

  /** The next item is asked for when the one before has left the process: a slow reader slows the source. */
  async #sendItems(id: number, items: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
    const iterator = items[Symbol.asyncIterator]()
    const aborted = new Promise<'aborted'>((resolve) => {
      if (signal.aborted) resolve('aborted')
      signal.addEventListener('abort', () => resolve('aborted'), { once: true })
    })
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next === 'aborted') {
        // Not waited for: a generator that is stuck in a wait of its own runs its `finally` when that ends.
        iterator.return?.()?.catch((thrown: unknown) => this.#powers.onFault(thrown, 'stream'))
        break
      }
      if (next.done === true) break
      await this.#send({ id, item: next.value })
    }
    await this.#send({ id, end: true })
  }

  /** Resolves when the kernel has taken it, or the peer is gone. */
  async #send(frame: Frame): Promise<void> {
    const line = renderFrame(frame)
    const { answerLineBytesMax } = this.#powers.limits
    if (line.length > answerLineBytesMax) {
      throw new BulkheadError('resource-limit-exceeded', `the answer is longer than ${answerLineBytesMax} bytes`)
    }
    await new Promise<void>((resolve) => {
      if (this.#socket.writable) this.#socket.write(line, () => resolve())
      else resolve()
    })
  }

  /** Whoever shuts its sending side still gets the answers to what it asked; a stream has nobody left to stop it. */
  #peerEnded(): void {
    for (const { abort } of this.#inFlight.values()) abort.abort()
    if (this.#inFlight.size === 0) this.#socket.end()
  }

  #idle(): void {
    const busy = this.#inFlight.size > 0 && this.#socket.writableLength === 0
    if (busy) this.#socket.setTimeout(this.#powers.limits.idleMs)
    else this.#end(new BulkheadError('usage', 'the connection was idle for too long'))
  }

  /**
   * One line that says why, then the end. What the peer still sends is read and dropped for a moment: closing a socket
   * with unread bytes in it would take the line away from a peer that is still writing.
   */
  #end(thrown: unknown): void {
    if (this.#phase === 'greeting') this.#powers.onRejected({ reason: 'no-hello' })
    this.#close()
    const { lingerMs } = this.#powers.limits
    this.#socket.end(renderFrame({ error: withoutStack(wireFromUnknown(thrown)) }))
    this.#socket.setTimeout(0)
    setTimeout(() => this.#socket.destroy(), lingerMs).unref()
  }

  #close(): void {
    this.#phase = 'ended'
    clearTimeout(this.#timer)
    for (const { abort } of this.#inFlight.values()) abort.abort()
  }
}

/** Where a fault of ours came from is for the process's own log, not for its peers. */
function withoutStack(wire: WireError): WireError {
  const { stack: _stack, ...details } = wire.details
  return { ...wire, details }
}

function tooLong({ requestLineBytesMax }: AdminLimits): BulkheadError {
  return malformed(`it is longer than ${requestLineBytesMax} bytes`)
}

function wrongToken(): BulkheadError {
  return new BulkheadError('runtime-unreachable', 'the running process does not know this token', {
    hint: 'it may have been started again meanwhile: read `admin.token` anew',
  })
}

function wrongHello(): BulkheadError {
  return malformed(`the first one is not {"hello":${protocolVersion},"token":"…"}, or came too late`)
}

function malformed(why: string): BulkheadError {
  return new BulkheadError('usage', `a line of the admin protocol is malformed: ${why}`)
}
