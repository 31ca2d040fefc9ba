import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BulkheadError, Fault } from '@bulkhead/vocabulary'
import { afterEach, expect, it } from 'vitest'
import { commands, startServer, type TestServer } from './admin.test.support.js'
import { connectAdmin } from './client.js'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(): Promise<TestServer> {
  const test = await startServer()
  ends.push(async () => test[Symbol.asyncDispose]())
  return test
}

/** A process that speaks as the test says, at the socket of a state directory with a token. */
async function impostor(answer: (socket: Socket, line: string) => void): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'admin-'))
  writeFileSync(join(directory, 'admin.token'), `${'0'.repeat(64)}\n`, { mode: 0o600 })
  const sockets: Socket[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const line of String(chunk).split('\n').slice(0, -1)) answer(socket, line)
    })
  })
  await new Promise<void>((resolve) => server.listen(join(directory, 'admin.sock'), resolve))
  chmodSync(join(directory, 'admin.sock'), 0o600)
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return directory
}

const hello = '{"hello":1,"server":{"version":"9","pid":1}}\n'

it('asks, and gets what it asked for', async () => {
  const { directory } = await start()
  const client = await connectAdmin(directory, commands)
  expect(client.server).toEqual({ version: '1.2.3', pid: process.pid })
  const text: string = (await client.request('echo', { text: 'hello' })).text
  expect(text).toBe('hello')
  expect(await client.request('echo', {})).toEqual({ text: 'nothing' })
  await client.close()
})

it('rebuilds the errors of the process', async () => {
  const { directory } = await start()
  const client = await connectAdmin(directory, commands)
  const error = await client.request('refuse', {}).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BulkheadError)
  expect(error).toMatchObject({ code: 'grant-refused', hint: 'nothing allows it', details: { a: 1 } })
  await expect(client.request('stumble', { how: 'throw' })).rejects.toBeInstanceOf(Fault)
  await client.close()
})

it('asks more at once than the process takes', async () => {
  const test = await start()
  const client = await connectAdmin(test.directory, commands)
  const answers = Array.from({ length: 100 }, (_, index) => client.request('echo', { text: String(index) }))
  expect((await Promise.all(answers)).map(({ text }) => Number(text))).toEqual([...Array(100).keys()])
  await client.close()
})

it('reads a stream at its own pace, and may leave it', async () => {
  const test = await start()
  const client = await connectAdmin(test.directory, commands)
  const seen: unknown[] = []
  for await (const item of client.stream('count', { to: 500 })) seen.push(item)
  expect(seen).toEqual([...Array(500).keys()])
  for await (const item of client.stream('count', { to: 1_000_000 })) if (item === 200) break
  // The connection is as good as before.
  expect(await client.request('echo', { text: 'x' })).toEqual({ text: 'x' })
  expect(test.counted()).toBeLessThan(500_000)
  await client.close()
})

it('reads two streams at once', async () => {
  const { directory } = await start()
  const client = await connectAdmin(directory, commands)
  const collect = async (to: number): Promise<number> => {
    let count = 0
    for await (const _item of client.stream('count', { to })) count++
    return count
  }
  expect(await Promise.all([collect(300), collect(40)])).toEqual([300, 40])
  await client.close()
})

it('tells a waiting request and a stream when the connection ends', async () => {
  const test = await start()
  const client = await connectAdmin(test.directory, commands)
  const answer = client.request('wait', {})
  const next = client.stream('stand', {}).next()
  const both = Promise.allSettled([answer, next])
  await client.close()
  for (const settled of await both) {
    expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'runtime-unreachable' } })
  }
  await expect(client.request('echo', {})).rejects.toMatchObject({ code: 'runtime-unreachable' })
})

it('says how to reach a process where there is none', async () => {
  const base = mkdtempSync(join(tmpdir(), 'admin-'))
  ends.push(() => rmSync(base, { recursive: true }))
  writeFileSync(join(base, 'file'), '')
  const without = join(base, 'without')
  mkdirSync(without, { mode: 0o700 })
  for (const directory of [join(base, 'nothing'), join(base, 'file', 'below'), without]) {
    await expect(connectAdmin(directory, commands)).rejects.toMatchObject({
      code: 'runtime-unreachable',
      hint: expect.stringContaining('bulkhead run'),
    })
  }
})

it('does not speak to a socket that others could have put there, nor use a token that they can read', async () => {
  const { directory, server } = await start()
  const connect = () => connectAdmin(directory, commands).then((client) => client.close())
  await connect()

  chmodSync(server.path, 0o660)
  await expect(connect()).rejects.toMatchObject({ code: 'state-insecure' })
  chmodSync(server.path, 0o600)

  chmodSync(directory, 0o777)
  await expect(connect()).rejects.toMatchObject({ code: 'state-insecure' })
  chmodSync(directory, 0o700)

  const token = join(directory, 'admin.token')
  chmodSync(token, 0o644)
  await expect(connect()).rejects.toMatchObject({ code: 'state-insecure' })
  chmodSync(token, 0o600)

  const text = readFileSync(token)
  writeFileSync(token, 'short')
  await expect(connect()).rejects.toMatchObject({ code: 'store-corrupt' })
  writeFileSync(token, 'x'.repeat(65))
  await expect(connect()).rejects.toMatchObject({ code: 'store-corrupt' })
  rmSync(token)
  await expect(connect()).rejects.toMatchObject({ code: 'runtime-unreachable' })
  writeFileSync(join(directory, 'elsewhere'), text, { mode: 0o600 })
  symlinkSync(join(directory, 'elsewhere'), token)
  await expect(connect()).rejects.toMatchObject({ code: 'store-corrupt' })
  rmSync(token)
  writeFileSync(token, text, { mode: 0o600 })
  await connect()
})

it.each([
  ['another protocol', '{"hello":2}\n', 'runtime-unreachable'],
  ['not JSON', 'HTTP/1.1 400 Bad Request\n', 'internal'],
  ['an error of an unknown code', '{"error":{"family":"error","code":"x","message":"m","details":{}}}\n', 'internal'],
])('gives up on a process that greets with %s', async (_title, greeting, code) => {
  const directory = await impostor((socket) => socket.write(greeting))
  await expect(connectAdmin(directory, commands)).rejects.toMatchObject({ code })
})

it('does not take an answer that is not of the form that the table says', async () => {
  const directory = await impostor((socket, line) => {
    const { id } = JSON.parse(line)
    socket.write(id === undefined ? hello : `{"id":99,"ok":1}\n{"id":${id},"ok":{"words":1}}\n`)
  })
  const client = await connectAdmin(directory, commands)
  await expect(client.request('echo', {})).rejects.toMatchObject({ code: 'internal' })
  await client.close()
})

it('does not read an answer without end', async () => {
  const directory = await impostor((socket, line) => {
    socket.write(line.includes('"id"') ? 'x'.repeat(9_000_000) : hello)
  })
  const client = await connectAdmin(directory, commands)
  await expect(client.request('echo', {})).rejects.toMatchObject({ code: 'internal' })
})

it('tells the items that came before it tells that the process is gone', async () => {
  const directory = await impostor((socket, line) => {
    if (!line.includes('"id"')) socket.write(hello)
    else socket.end('{"id":1,"item":1}\n{"id":1,"item":2}\n')
  })
  const client = await connectAdmin(directory, commands)
  const items = client.stream('count', { to: 3 })
  expect(await items.next()).toEqual({ done: false, value: 1 })
  expect(await items.next()).toEqual({ done: false, value: 2 })
  await expect(items.next()).rejects.toMatchObject({ code: 'runtime-unreachable' })
  expect(await items.next()).toEqual({ done: true, value: undefined })
})
