import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { systemClock } from '@bulkhead/vocabulary'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type ExchangeEnd, HttpExchange } from './http-exchange.js'

/** One request over a real connection, and what its guest could do with it. */
async function exchangeOf(head: string): Promise<{
  readonly exchange: HttpExchange
  readonly ends: ExchangeEnd[]
  readonly client: Socket
  /** All that came, once the other side has ended. */
  readonly got: () => Promise<string>
}> {
  const ends: ExchangeEnd[] = []
  const server = createServer()
  const requested = new Promise<HttpExchange>((resolve) => {
    const begun = (
      request: import('node:http').IncomingMessage,
      response: import('node:http').ServerResponse,
    ): void => {
      const exchange = new HttpExchange({
        ...{ number: 1, member: 'web', request, response, bodyBytesMax: 1_000, clock: systemClock },
        collected: undefined,
        onEnd: (end) => ends.push(end),
      })
      exchange.begin(() => {})
      resolve(exchange)
    }
    server.on('request', begun).on('checkContinue', begun)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve(text)))
  client.on('error', () => {})
  client.pause()
  client.on('data', (piece) => {
    text += piece.toString('latin1')
  })
  client.pause()
  client.write(head, 'latin1')
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  const got = (): Promise<string> => {
    client.resume()
    return closed
  }
  return { exchange: await requested, ends, client, got }
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

it('passes on every response of 1xx with its fields, and nothing that is about the connection or a body', async () => {
  const { exchange, got } = await exchangeOf(get)
  await exchange.informational(102, [])
  await exchange.informational(103, [
    ['link', 'no link at all'],
    ['X-Hint', '\xe9'],
    ['connection', 'x-hop'],
    ['x-hop', 'y'],
    ['Content-Length', '5'],
  ])
  await exchange.informational(150, [['x', '1']])
  exchange.head(200, [['content-length', '0']])
  await exchange.informational(103, [['x-late', '1']])
  exchange.end([])
  const [processing, hints, other, answer, ...more] = (await got()).split('\r\n\r\n')
  expect(processing).toBe('HTTP/1.1 102 Processing')
  expect(hints).toBe('HTTP/1.1 103 Early Hints\r\nlink: no link at all\r\nX-Hint: \xe9')
  expect(other).toBe('HTTP/1.1 150 \r\nx: 1')
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(more).toEqual([''])
})

it('sends none to who speaks HTTP/1.0, also where it expects one', async () => {
  const { exchange, got } = await exchangeOf(
    'POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx',
  )
  await exchange.informational(103, [['link', '</a>; rel=preload']])
  exchange.head(200, [])
  exchange.end([])
  expect(await got()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

it('keeps little of them for a client that takes none, and cuts off who is given up then', async () => {
  const { exchange, ends, client } = await exchangeOf(get)
  const hint = [['x-hint', 'h'.repeat(30_000)]] as const
  const flood = (async () => {
    while (!exchange.isGone) await exchange.informational(103, hint)
  })()
  await vi.waitFor(() => expect(exchange.isBlocked).toBe(true), 20_000)
  exchange.refuse(408, 'dropped')
  await flood
  expect(ends).toEqual(['dropped'])
  const closed = new Promise((resolve) => client.once('close', resolve))
  client.resume()
  await closed
  expect(client.bytesRead).toBeLessThan(24 * 1024 * 1024)
})
