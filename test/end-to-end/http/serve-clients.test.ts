// Clients that are slow, that go away, that send too much: what they cost, and whom.

import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, hold, startServiceTree, until } from './serve-tree.js'

/** A connection that sent this and reads nothing until it is told to. */
function open(port: number, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause()
      socket.write(text, 'latin1')
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

describe('a body', () => {
  it('of 8 MiB goes there and back, piece by piece', async () => {
    const { ask } = await startServiceTree()
    const body = Uint8Array.from({ length: 8 * 1024 * 1024 }, (_, index) => index % 251)
    const { status, text } = await ask('/echo', { method: 'POST', body })
    expect(status).toBe(200)
    expect(Buffer.from(text, 'latin1').equals(body)).toBe(true)
  })

  it('that nobody reads stays with its sender: what is on its way is bounded', async () => {
    const { port } = await startServiceTree({ http: 'max_body = "64MiB"' })
    const total = 48 * 1024 * 1024
    const socket = await open(port, `POST /sleep?2000 HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`)
    socket.write(new Uint8Array(total))
    const taken = await new Promise<number>((resolve) => {
      socket.once('data', () => resolve(socket.bytesWritten - socket.writableLength))
      socket.resume()
    })
    expect(taken).toBeLessThan(24 * 1024 * 1024)
    socket.destroy()
  })

  it('of up to `max_body` is taken, and one byte more is not: 413', async () => {
    const { ask, port } = await startServiceTree({ http: 'max_body = "100KiB"' })
    const body = new Uint8Array(100 * 1024)
    expect(await ask('/size', { method: 'POST', body })).toMatchObject({ status: 200, text: '102400' })
    const more = new Uint8Array(100 * 1024 + 1)
    expect(await ask('/size', { method: 'POST', body: more })).toMatchObject({ status: 413 })
    // Without a length it is found out on the way.
    const head = 'POST /size HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    const piece = `1000\r\n${'x'.repeat(0x1000)}\r\n`
    expect(await exchangeRaw(port, `${head}${piece.repeat(26)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    expect(await exchangeRaw(port, `${head}${piece.repeat(25)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 [\s\S]*102400/)
  })

  it('of nobody is 0 bytes', async () => {
    const { ask } = await startServiceTree({ http: 'max_body = "0B"' })
    expect((await ask('/size')).text).toBe('0')
    expect((await ask('/size', { method: 'POST', body: 'x' })).status).toBe(413)
  })

  it('is asked for where its client waits to be', async () => {
    const { port } = await startServiceTree({ http: 'max_body = "1KiB"' })
    const head = (length: number) =>
      `POST /size HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
    expect(await exchangeRaw(port, `${head(4)}body`)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
    expect(await exchangeRaw(port, head(2_000))).toMatch(/^HTTP\/1\.1 413 /)
  })
})

describe('a client that goes away', () => {
  it('while it waits costs the service nothing more', async () => {
    const tree = await startServiceTree({ entry: 'deadline = "120s"' })
    const { ask, port, runtime } = tree
    const release = await hold(tree)
    const waiting = await open(port, 'GET /count HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => runtime.httpCounters('web').inFlight === 2)
    waiting.destroy()
    await until(() => runtime.httpCounters('web').dropped === 1)
    expect(await release()).toMatch(/^HTTP\/1\.1 200 /)
    expect((await ask('/hello')).status).toBe(200)
  })

  it('in the middle of a response that does not end: the guest finds it closed, and goes on', async () => {
    const { ask, port, lines, events } = await startServiceTree({ entry: 'deadline = "60s"' })
    const socket = await open(port, 'GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.resume()
    await until(() => lines().includes('endless begins'))
    socket.destroy()
    await until(() => lines().some((line) => line.startsWith('endless ends')))
    expect((await ask('/count')).text).toBe('2')
    expect(events.some(({ type }) => type === 'child.exited')).toBe(false)
  })

  it('in the middle of its request: the guest finds that it ends', async () => {
    const { ask, port, runtime } = await startServiceTree({ entry: 'deadline = "60s"' })
    const socket = await open(port, 'POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin')
    await until(() => runtime.httpCounters('web').inFlight === 1)
    socket.destroy()
    await until(() => runtime.httpCounters('web').inFlight === 0)
    await until(async () => (await ask('/hello')).status === 200)
  })
})

describe('a client that leaves', () => {
  it('has no guest quarantined that traps over it; one that traps by itself is', async () => {
    const { ask, port, runtime, events } = await startServiceTree({ entry: 'deadline = "60s"' })
    const of = (type: string): number => events.filter((event) => event.type === type).length
    for (let n = 1; n <= 4; n++) {
      const socket = await open(port, 'POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin')
      await until(() => runtime.httpCounters('web').inFlight === 1)
      socket.destroy()
      await until(() => of('child.restarted') === n)
    }
    expect(of('child.quarantined')).toBe(0)
    expect((await ask('/hello')).status).toBe(200)
    for (let n = 0; n < 4; n++) await ask('/trap')
    await until(() => of('child.quarantined') === 1)
  })

  it('with its answer in hand and its request half sent keeps nobody waiting for the rest', async () => {
    const { ask, port, lines, events } = await startServiceTree({ entry: 'deadline = "60s"' })
    const head = 'POST /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n'
    const socket = await open(port, `${head}begin`)
    let got = ''
    socket.on('data', (piece) => {
      got += piece.toString('latin1')
    })
    socket.on('error', () => {})
    socket.resume()
    await until(() => got.includes('first'))
    socket.destroy()
    await until(() => lines().some((line) => line.startsWith('late ends')))
    expect((await ask('/count')).text).toBe('2')
    expect(events.some(({ type }) => type === 'child.exited')).toBe(false)
  })
})

describe('a client that takes its time', () => {
  it('over a response holds little of it here, is given up before the deadline, and the service is charged nothing', async () => {
    const { ask, port, runtime, events } = await startServiceTree({ entry: 'deadline = "12s"' })
    const socket = await open(port, 'GET /big?200000000 HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => runtime.httpCounters('web').inFlight === 1)
    const next = ask('/hello')
    await until(() => runtime.httpCounters('web').dropped === 1)
    expect((await next).status).toBe(200)
    expect(events.filter(({ class: fault }) => fault === 'resource')).toEqual([])
    let got = 0
    socket.on('data', (piece) => {
      got += piece.length
    })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
    await closed
    expect(got).toBeLessThan(24 * 1024 * 1024)
  })

  it('over its request is told so: 408, and the service is charged nothing', async () => {
    const { ask, port, events } = await startServiceTree({ entry: 'deadline = "12s"' })
    const head = 'POST /late HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n'
    const answer = exchangeRaw(port, head.replace('/late', '/size'))
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
    await until(async () => (await ask('/hello')).status === 200)
    expect(events.filter(({ class: fault }) => fault === 'resource')).toEqual([])
  })

  it('over a short one keeps no service waiting', async () => {
    const { ask, port } = await startServiceTree()
    const slow = await open(port, 'POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nbegin')
    expect((await ask('/count')).text).toBe('1')
    expect((await ask('/count')).text).toBe('2')
    slow.destroy()
  })
})

describe('a runtime that stops', () => {
  it('lets what is under way end, and takes nothing more', async () => {
    const tree = await startServiceTree({ entry: 'deadline = "120s"' })
    const { runtime, port } = tree
    const release = await hold(tree)
    const stopped = runtime.stop()
    expect(await release()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n4\r\n/)
    await stopped
    await expect(exchangeRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toThrow('ECONNREFUSED')
  })
})
