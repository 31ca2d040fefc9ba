import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { z } from 'zod'
import { defineCommands, type Handlers } from './command-table.js'
import type { Rejection } from './connection.js'
import type { AdminLimits } from './limits.js'
import { AdminServer } from './server.js'
import { readToken } from './token.js'

export const commands = defineCommands({
  echo: {
    description: 'says it again',
    input: z.strictObject({ text: z.string().default('nothing') }),
    output: z.object({ text: z.string() }),
  },
  refuse: { description: 'refuses', input: z.strictObject({}), output: z.null() },
  stumble: {
    description: 'has a fault',
    input: z.strictObject({ how: z.enum(['throw', 'bigint']) }),
    output: z.unknown(),
  },
  wait: { description: 'answers when it is let', input: z.strictObject({}), output: z.string() },
  swell: {
    description: 'answers with so many characters',
    input: z.strictObject({ size: z.int() }),
    output: z.string(),
  },
  count: { description: 'counts', input: z.strictObject({ to: z.int(), size: z.int().default(0) }), item: z.unknown() },
  stand: { description: 'a stream without items', input: z.strictObject({}), item: z.number() },
})

/** What a running server of the tests was asked, and what it saw. */
export type TestServer = AsyncDisposable & {
  readonly server: AdminServer
  readonly directory: string
  readonly token: string
  readonly rejections: Rejection[]
  readonly faults: unknown[]
  /** Signals of the streams that were begun, in order. */
  readonly signals: AbortSignal[]
  /** How many items `count` was asked for. */
  counted: () => number
  /** Lets every `wait` answer. */
  readonly release: () => void
  readonly waiting: () => number
}

export async function startServer(limits: Partial<AdminLimits> = {}): Promise<TestServer> {
  const base = mkdtempSync(join(tmpdir(), 'admin-'))
  const directory = join(base, 'state')
  const state = await StateDirectory.open(directory, { create: true })
  const rejections: Rejection[] = []
  const faults: unknown[] = []
  const signals: AbortSignal[] = []
  const waiters: (() => void)[] = []
  let counted = 0
  const handlers: Handlers<typeof commands> = {
    echo: ({ text }) => ({ text }),
    refuse: () => {
      throw new BulkheadError('grant-refused', 'it is `forbidden`', { hint: 'nothing allows it', details: { a: 1 } })
    },
    stumble: ({ how }) => {
      if (how === 'bigint') return 1n
      throw new RangeError('out of bounds')
    },
    wait: () => new Promise((resolve) => waiters.push(() => resolve('at last'))),
    swell: ({ size }) => 'x'.repeat(size),
    count: async function* ({ to, size }, { signal }) {
      signals.push(signal)
      for (let index = 0; index < to; index++) {
        counted++
        yield size === 0 ? index : 'x'.repeat(size)
      }
    },
    stand: async function* (_input, { signal }) {
      signals.push(signal)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
  }
  const server = await AdminServer.listen({
    state,
    commands,
    handlers,
    version: '1.2.3',
    limits: { refusalDelayMs: 1, lingerMs: 200, closeGraceMs: 200, ...limits },
    onRejected: (rejection) => rejections.push(rejection),
    onFault: (thrown) => faults.push(thrown),
  })
  return {
    server,
    directory,
    token: readToken(join(directory, 'admin.token')) ?? '',
    rejections,
    faults,
    signals,
    counted: () => counted,
    release: () => {
      for (const answer of waiters.splice(0)) answer()
    },
    waiting: () => waiters.length,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await state.close()
      rmSync(base, { recursive: true })
    },
  }
}

/** A caller that sends whatever bytes it likes. */
export class RawCaller {
  readonly socket: Socket
  readonly #closed: Promise<void>
  #text = ''
  #wake: (() => void)[] = []

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.#text += chunk
      for (const wake of this.#wake.splice(0)) wake()
    })
    this.#closed = new Promise((resolve) => {
      const over = (): void => {
        resolve()
        for (const wake of this.#wake.splice(0)) wake()
      }
      this.socket.on('end', over)
      this.socket.on('close', over)
    })
  }

  send(...frames: readonly unknown[]): this {
    return this.sendText(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''))
  }

  sendText(text: string | Uint8Array): this {
    this.socket.write(text)
    return this
  }

  /** The next so many lines, parsed. */
  async lines(count: number): Promise<readonly Record<string, unknown>[]> {
    while (this.#text.split('\n').length <= count) {
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`ended after ${JSON.stringify(this.#text)}`)
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
    const lines = this.#text.split('\n')
    this.#text = lines.slice(count).join('\n')
    return lines.slice(0, count).map((line) => JSON.parse(line))
  }

  async line(): Promise<Record<string, unknown>> {
    const [line] = await this.lines(1)
    return line ?? {}
  }

  /** Resolves with what was not asked for yet, when the server has ended the connection. */
  async ended(): Promise<string> {
    await this.#closed
    return this.#text
  }

  close(): void {
    this.socket.destroy()
  }
}

/** A caller that has shown the token. */
export async function greeted(test: TestServer): Promise<RawCaller> {
  const caller = new RawCaller(test.server.path).send({ hello: 1, token: test.token })
  await caller.line()
  return caller
}
