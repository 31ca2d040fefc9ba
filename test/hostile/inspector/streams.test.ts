// More streams than there is room for, clients that read nothing, and words that would break out of where they stand.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type DenialsAnswer, openInspector } from '@bulkhead/inspector'
import { expect, it, onTestFinished } from 'vitest'
import { inspected, messagesUntil, until } from '../../end-to-end/inspector/inspected-tree.js'

/** Streams at a time. */
const streamsMax = 100

type Client = { readonly socket: Socket; status: number | 'closed' | undefined }

function idle(url: string, path = '/events'): Client {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const client: Client = { socket, status: undefined }
  socket.setEncoding('latin1').on('error', () => {})
  socket.once('data', (head: string) => {
    client.status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1])
  })
  socket.on('close', () => {
    client.status ??= 'closed'
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  onTestFinished(() => void socket.destroy())
  return client
}

const count = (clients: readonly Client[], status: Client['status']): number =>
  clients.filter((client) => client.status === status).length

it('has room for a hundred streams, tells the others so, and has room again when they go', async () => {
  const { url, get, runtime } = await inspected()
  const clients = Array.from({ length: 1_000 }, (_, index) => idle(url, index % 2 === 0 ? '/events' : '/api/stream'))
  await until(() => clients.every(({ status }) => status !== undefined), 'an answer for each')
  expect(count(clients, 200)).toBe(streamsMax)
  // Room for another connection comes with each that is refused: how many were answered is not for us to say.
  expect(count(clients, 503) + count(clients, 'closed')).toBe(1_000 - streamsMax)
  expect(count(clients, 503)).toBeGreaterThan(0)
  await until(async () => (await get('/readyz').catch(() => undefined))?.status === 200, 'room for a probe')
  // Nobody reads them; nobody waits for them.
  await runtime.terminateChild('root', 'stranger')
  for (const { socket } of clients) socket.destroy()
  const stream = await until(async () => {
    const answer = await get('/events').catch(() => undefined)
    return answer?.status === 200 && answer
  }, 'room for a stream')
  expect((await messagesUntil(stream, ({ event }) => event === 'child.stopped')).length).toBeGreaterThan(0)
})

it('says that it lives while nothing happens', async () => {
  const { get } = await inspected(undefined, { heartbeatMs: 20 })
  const reader = (await get('/events')).body?.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  while (!told.includes('\n:\n\n:\n\n')) told += (await reader?.read())?.value ?? ''
  await reader?.cancel()
})

it('ends every stream and every connection when it closes, and can be opened again at once', async () => {
  const { runtime } = await inspected()
  const inspector = await openInspector(runtime, { listen: '0' })
  const clients = [idle(inspector.url), idle(inspector.url, '/api/stream'), idle(inspector.url, '/livez')]
  await until(() => clients.every(({ status }) => status === 200), 'three answers')
  const closed = clients.map(({ socket }) => once(socket, 'close'))
  await inspector.close()
  await Promise.all(closed)
  const again = await openInspector(runtime, { listen: new URL(inspector.url).host })
  expect((await fetch(new URL('/livez', again.url))).status).toBe(200)
  await again.close()
})

it('ends the streams of a runtime that ends', async () => {
  const { get, runtime } = await inspected()
  const streams = [await get('/events'), await get('/api/stream')]
  const texts = streams.map((stream) => stream.text())
  await runtime.stop()
  for (const text of await Promise.all(texts)) expect(text).toContain('child.waiting')
  for (const path of ['/api/tree', '/api/samples', '/api/denials', '/healthz']) {
    expect((await get(path)).status, path).toBe(200)
  }
})

it('hands on what a guest says as what it says: nothing of it is a line, a field or an event', async () => {
  const { get, json, session } = await inspected({ agent: {} })
  await session.event('child.ready', 'agent')
  const name = '/ctl/x\n\nevent: forged\ndata: {}\n\r\u2028\u001b[2J<img src=x onerror=alert(1)>'
  const messages = messagesUntil(await get('/api/stream'), ({ event }) => event === 'denials')
  session.tell('agent', `open(${JSON.stringify(name)}, 'w')`)
  const told = await messages
  expect(new Set(told.map(({ event }) => event)).has('forged')).toBe(false)
  for (const { data } of told) expect(JSON.parse(data)).toHaveProperty('kind')
  const answer = await get('/api/denials')
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await answer.text()).not.toMatch(/[\u0000-\u001f]/)
  expect((await json<DenialsAnswer>('/api/denials')).denials[0]?.resource).toContain('onerror')
})
