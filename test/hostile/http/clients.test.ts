// Clients that pretend to be somebody else, and messages that two readers could read as two things.

import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeRaw, type ServiceTree, startServiceTree, until } from '../../end-to-end/http/serve-tree.js'

let tree: ServiceTree
let end = async (): Promise<void> => {}
beforeAll(async () => {
  tree = await startServiceTree({}, (ends) => {
    end = ends
  })
})
afterAll(() => end())

/** Sends a request and tears the connection down at once, before anybody can have looked who is there. */
function askAndVanish(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text, 'latin1')
      socket.resetAndDestroy()
    })
    socket.once('close', () => resolve()).once('error', reject)
  })
}

it('believes no stranger who it is, though it has gone when it is looked at', async () => {
  const { ask, port, lines } = tree
  const forged = 'GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n'
  for (let n = 0; n < 5; n++) await askAndVanish(port, forged)
  await ask('/who', { headers: { 'x-forwarded-for': '10.0.0.1' } })
  await until(() => lines().some((line) => line.startsWith('asked by')))
  expect(new Set(lines().filter((line) => line.startsWith('asked by')))).toEqual(new Set(['asked by 127.0.0.1']))
})

describe('what could be read as two things is refused', () => {
  const close = 'Host: a\r\nConnection: close\r\n'
  const chunked = `POST /hello HTTP/1.1\r\n${close}Transfer-Encoding: chunked\r\n\r\n`
  it.each([
    ['line feeds alone', `GET /hello HTTP/1.1\nHost: a\nConnection: close\n\n`],
    ['a line feed alone behind a field', `GET /hello HTTP/1.1\r\nX: y\n${close}\r\n`],
    ['a carriage return alone in a field', `GET /hello HTTP/1.1\r\nX: y\rZ: t\r\n${close}\r\n`],
    ['a first field that begins with a space', `GET /hello HTTP/1.1\r\n X: y\r\n${close}\r\n`],
    ['a folded coding', `POST /size HTTP/1.1\r\n${close}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
    ['a coding twice', chunked.replace(/Transfer.*\r\n/, (line) => line.repeat(2))],
    ['chunks of HTTP/1.0', `${chunked.replace('1.1', '1.0')}3\r\nabc\r\n0\r\n\r\n`],
    ['a NUL in a name', `GET /hello HTTP/1.1\r\nX\0: y\r\n${close}\r\n`],
  ])('%s', async (_what, text) => {
    const { port, runtime } = tree
    const { served } = runtime.httpCounters('web')
    expect(await exchangeRaw(port, text)).toMatch(/^HTTP\/1\.1 400 /)
    expect(runtime.httpCounters('web').served).toBe(served)
  })

  it.each([
    ['a chunk whose size ends with a line feed alone', '3\nabc\r\n0\r\n\r\n'],
    ['a chunk that is longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
    ['a chunk of more bytes than there are numbers', 'ffffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
    ['a chunk with an extension that does not end', `3;${'a'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`],
    ['a line feed in an extension', '3;a="\nabc\r\n0\r\n\r\n'],
  ])('%s: nothing behind it is a request', async (_what, body) => {
    const { port } = tree
    const got = await exchangeRaw(port, `${chunked}${body}GET /count HTTP/1.1\r\n${close}\r\n`)
    // The service may have answered what it did not need the body for.
    expect(got.match(/HTTP\/1\.1 200 /g)?.length ?? 0).toBeLessThanOrEqual(1)
    expect(await exchangeRaw(port, `${chunked}3\r\nabc\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  })
})
