// Requests as no client should send them, over real sockets: each is refused, and beside it stands one that is not.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { exchangeRaw, type ServiceTree, startServiceTree } from '../../end-to-end/http/serve-tree.js'

let tree: ServiceTree
let end = async (): Promise<void> => {}
beforeAll(async () => {
  tree = await startServiceTree({}, (ends) => {
    end = ends
  })
})
afterAll(() => end())

const close = 'Connection: close\r\n'

it.each([
  ['no host', `GET / HTTP/1.1\r\n${close}\r\n`],
  ['two hosts', `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n${close}\r\n`],
  ['an empty host', `GET / HTTP/1.1\r\nHost: \r\n${close}\r\n`],
  ['a host with user information', `GET / HTTP/1.1\r\nHost: me@a\r\n${close}\r\n`],
  ['a host with a path', `GET / HTTP/1.1\r\nHost: a/b\r\n${close}\r\n`],
  ['a host with a port that is none', `GET / HTTP/1.1\r\nHost: a:70000\r\n${close}\r\n`],
  ['HTTP/1.0 without a host', `GET / HTTP/1.0\r\n\r\n`],
  ['an absolute target', `GET http://a/ HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a target about the server', `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a path that goes up', `GET /a/../b HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a path that goes up, escaped', `GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a path to itself', `GET /a/. HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['an escaped slash', `GET /a%2fb HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['an escaped backslash', `GET /a%5Cb HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['an escaped NUL', `GET /a%00b HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['an escape that breaks off', `GET /a%2 HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a backslash', `GET /a\\b HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a fragment', `GET /a#b HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a path beyond ASCII', `GET /\u00e4 HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  [
    'both lengths of a body',
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'two lengths of a body',
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n${close}\r\nbodyx`,
  ],
  ['a length that is none', `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n${close}\r\nbody`],
  ['a length below nothing', `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n${close}\r\n`],
  ['a space before a colon', `GET / HTTP/1.1\r\nHost : a\r\n${close}\r\n`],
  ['a folded field', `GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\nX-B\r\n${close}\r\n`],
  ['a field without a name', `GET / HTTP/1.1\r\nHost: a\r\n: b\r\n${close}\r\n`],
  ['a NUL in a value', `GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n${close}\r\n`],
  ['a chunk of no size', `POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ['a method that is none', `BREW / HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
  ['a version that is none', `GET / HTTP/7.1\r\nHost: a\r\n${close}\r\n`],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n'],
])('refuses %s', async (_what, text) => {
  const { port, runtime } = tree
  const { served } = runtime.httpCounters('web')
  expect(await exchangeRaw(port, text)).toMatch(/^HTTP\/1\.1 (400|408) /)
  expect(runtime.httpCounters('web').served).toBe(served)
  expect(await exchangeRaw(port, `GET /hello HTTP/1.1\r\nHost: a\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
})

it('refuses codings of a body that it does not undo', async () => {
  const { port } = tree
  const coded = `POST /size HTTP/1.1\r\nHost: a\r\n${close}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`
  expect(await exchangeRaw(port, coded)).toMatch(/^HTTP\/1\.1 501 /)
  expect(await exchangeRaw(port, coded.replace('gzip, ', ''))).toMatch(/^HTTP\/1\.1 200 /)
})

it('refuses one field more than a request may have, and one byte more', async () => {
  const { port } = tree
  const withFields = (count: number) =>
    `GET /hello HTTP/1.1\r\nHost: a\r\n${close}${'x-a: b\r\n'.repeat(count - 2)}\r\n`
  expect(await exchangeRaw(port, withFields(128))).toMatch(/^HTTP\/1\.1 200 /)
  expect(await exchangeRaw(port, withFields(129))).toMatch(/^HTTP\/1\.1 431 /)
  expect(await exchangeRaw(port, withFields(300))).toMatch(/^HTTP\/1\.1 431 /)
  const withBytes = (count: number) => `GET /hello HTTP/1.1\r\nHost: a\r\n${close}X: ${'y'.repeat(count)}\r\n\r\n`
  expect(await exchangeRaw(port, withBytes(15_000))).toMatch(/^HTTP\/1\.1 200 /)
  expect(await exchangeRaw(port, withBytes(17_000))).toMatch(/^HTTP\/1\.1 431 /)
})

it('lets nobody smuggle a second request in the body of a first', async () => {
  const { port, runtime } = tree
  const before = runtime.httpCounters('web')
  const hidden = `GET /trap HTTP/1.1\r\nHost: a\r\n\r\n`
  const got = await exchangeRaw(
    port,
    `POST /size HTTP/1.1\r\nHost: a\r\n${close}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  )
  expect(got).toMatch(/^HTTP\/1\.1 200 /)
  expect(got.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(runtime.httpCounters('web')).toMatchObject({ served: before.served + 1, failed: before.failed })
})

it('takes no upgrade and no tunnel', async () => {
  const { port } = tree
  const upgrade = `GET /head HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n`
  const got = await exchangeRaw(port, upgrade)
  expect(got).toMatch(/^HTTP\/1\.1 200 /)
  expect(got).not.toContain('websocket')
  expect(await exchangeRaw(port, 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n')).not.toMatch(/^HTTP\/1\.1 2/)
})
