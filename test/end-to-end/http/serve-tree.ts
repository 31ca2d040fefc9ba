// Trees of services that do what the path of a request asks of them, and clients that say exactly what they want.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthEvent, Runtime } from 'bulkhead'
import { onTestFinished } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'

export type ServiceTree = {
  readonly runtime: Runtime
  readonly folder: string
  readonly events: HealthEvent[]
  readonly port: number
  /** What children have printed, line by line. */
  readonly lines: () => readonly string[]
  /** Asks and takes the whole answer. */
  readonly ask: (path: string, asked?: Asked) => Promise<Answer>
}

export type Asked = Pick<RequestOptions, 'method' | 'headers' | 'agent'> & { readonly body?: Uint8Array | string }
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

/**
 * A tree whose child `web` answers everything.
 *
 * @param entry further lines of its entry
 * @param http further lines of `[http]`; routes, where they are others
 * @param top lines of the file itself
 * @param finish called with what ends it; at the end of the test when left out
 */
export async function startServiceTree(
  { entry = '', http = '', top = '', more = '' } = {},
  finish: (end: () => Promise<void>) => void = onTestFinished,
): Promise<ServiceTree> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-http-'))
  const component = guestFile('http-service')
  const routes = /^routes/m.test(http) ? '' : 'routes = { "/**" = "web" }'
  const listening = /^listen/m.test(http) ? '' : 'listen = "127.0.0.1:0"'
  const child = `[children.web]\ncomponent = ${JSON.stringify(component)}\n${pinned(component)}\n${entry}\n${more}`
  writeFileSync(join(folder, 'bulkhead.toml'), `${top}\n[http]\n${listening}\n${routes}\n${http}\n${child}`)
  const events: HealthEvent[] = []
  let output = ''
  const runtime = await createTestRuntime({
    tree: join(folder, 'bulkhead.toml'),
    onHealth: (event) => events.push(event),
    onOutput: ({ chunk }) => {
      output += Buffer.from(chunk).toString('utf8')
    },
  })
  finish(async () => {
    await runtime.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const port = Number(new URL(runtime.http?.url ?? 'http://none:1').port)
  return {
    ...{ runtime, folder, events, port },
    lines: () => output.split('\n').filter((line) => line !== ''),
    ask: (path, asked) => answerOf(port, path, asked),
  }
}

/** The lines of one more child of the same component. */
export function serviceEntry(id: string, entry = ''): string {
  const component = guestFile('http-service')
  return `[children.${id}]\ncomponent = ${JSON.stringify(component)}\n${pinned(component)}\n${entry}\n`
}

function answerOf(port: number, path: string, { body, ...options }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent: false, ...options, host: '127.0.0.1', port, path }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString('latin1'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends bytes as they are and takes all that comes until the other side ends. */
export function exchangeRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    socket.on('data', (piece) => {
      got += piece.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(got) : reject(error)))
    socket.on('close', () => resolve(got))
  })
}

/**
 * Keeps an instance busy: it has a request whose body does not end. Needs a deadline of which half is longer than that.
 *
 * @returns ends the body, and answers with all that came
 */
export async function hold({ port, runtime }: ServiceTree, child = 'web'): Promise<() => Promise<string>> {
  const before = runtime.httpCounters(child).inFlight
  let got = ''
  const socket = connect(port, '127.0.0.1')
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(got)))
  socket.on('data', (piece) => {
    got += piece.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write('POST /size HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n')
  await until(() => runtime.httpCounters(child).inFlight > before)
  return () => {
    socket.write('0\r\n\r\n')
    return closed
  }
}

/** Waits until something holds, for 30 s at most. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
