import { once } from 'node:events'
import { statSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { commands, greeted, RawCaller, startServer, type TestServer } from './admin.test.support.js'
import { connectAdmin } from './client.js'
import { readToken } from './token.js'

const running: TestServer[] = []
const start = async (...options: Parameters<typeof startServer>): Promise<TestServer> => {
  const test = await startServer(...options)
  running.push(test)
  return test
}
afterEach(async () => {
  for (const test of running.splice(0)) await test[Symbol.asyncDispose]()
})

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
/** The server is still there for the next caller. */
const answers = async (test: TestServer): Promise<void> => {
  const client = await connectAdmin(test.directory, commands)
  expect(await client.request('echo', { text: 'still here' })).toEqual({ text: 'still here' })
  await client.close()
}

it('is closed to other users', async () => {
  const { server, directory } = await start()
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(statSync(server.path).mode & 0o777).toBe(0o600)
  expect(statSync(`${directory}/admin.token`).mode & 0o777).toBe(0o600)
})

it('has a new token at each start', async () => {
  const first = await start()
  const second = await start()
  expect(first.token).toMatch(/^[0-9a-f]{64}$/)
  expect(second.token).not.toBe(first.token)
})

it('answers requests that come in one piece, each under its id, in the order in which they are done', async () => {
  const test = await start()
  const caller = new RawCaller(test.server.path).send(
    { hello: 1, token: test.token },
    { id: 7, command: 'wait' },
    { id: 8, command: 'echo', input: { text: 'quick' } },
    { id: 9, command: 'echo' },
  )
  expect(await caller.lines(3)).toEqual([
    { hello: 1, server: { version: '1.2.3', pid: process.pid } },
    { id: 8, ok: { text: 'quick' } },
    { id: 9, ok: { text: 'nothing' } },
  ])
  test.release()
  expect(await caller.line()).toEqual({ id: 7, ok: 'at last' })
  caller.close()
})

it('answers who shut its sending side after it asked', async () => {
  const test = await start()
  const caller = new RawCaller(test.server.path).send({ hello: 1, token: test.token }, { id: 1, command: 'wait' })
  caller.socket.end()
  await until(() => test.waiting() === 1)
  test.release()
  expect(await caller.lines(2)).toEqual([expect.anything(), { id: 1, ok: 'at last' }])
  expect(await caller.ended()).toBe('')
})

it('answers an unknown command with the nearest one, a bad input with every issue, a refusal with its error', async () => {
  const test = await start()
  const caller = await greeted(test)
  caller.send(
    { id: 1, command: 'ecko' },
    { id: 2, command: 'toString' },
    { id: 3, command: 'echo', input: { text: 3, more: true } },
    { id: 4, command: 'refuse' },
    { id: 5, command: 'echo' },
  )
  const [unknown, inherited, bad, refused, good] = await caller.lines(5)
  expect(unknown).toMatchObject({ id: 1, error: { code: 'usage', hint: 'did you mean `echo`?' } })
  expect(inherited).toMatchObject({ id: 2, error: { code: 'usage', message: 'there is no command `toString`' } })
  expect(bad).toMatchObject({
    id: 3,
    error: { code: 'usage', message: expect.stringMatching(/text: .*; input: .*"more"/) },
  })
  expect(refused).toEqual({
    id: 4,
    error: {
      family: 'error',
      code: 'grant-refused',
      message: 'it is `forbidden`',
      hint: 'nothing allows it',
      details: { a: 1 },
    },
  })
  expect(good).toEqual({ id: 5, ok: { text: 'nothing' } })
  expect(test.faults).toEqual([])
  caller.close()
})

it('keeps the place of a fault to itself', async () => {
  const test = await start()
  const caller = await greeted(test)
  caller.send(
    { id: 1, command: 'stumble', input: { how: 'throw' } },
    { id: 2, command: 'stumble', input: { how: 'bigint' } },
  )
  for (const line of await caller.lines(2)) {
    expect(line).toMatchObject({ error: { family: 'fault', code: 'internal', details: {} } })
    expect(JSON.stringify(line)).not.toContain('.test.')
  }
  expect(test.faults).toHaveLength(2)
  caller.close()
})

it('refuses an answer that is too long, and goes on', async () => {
  const test = await start({ answerLineBytesMax: 2_000 })
  const caller = await greeted(test)
  caller.send({ id: 1, command: 'swell', input: { size: 2_001 } })
  expect(await caller.line()).toMatchObject({ id: 1, error: { code: 'resource-limit-exceeded' } })
  caller.send({ id: 2, command: 'swell', input: { size: 1_000 } })
  expect(await caller.line()).toEqual({ id: 2, ok: 'x'.repeat(1_000) })
  caller.close()
})

it.each([
  ['another token', (token: string) => `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`],
  ['a longer token', (token: string) => `${token}0`],
  ['no token', () => undefined],
  ['an object', (token: string) => ({ token })],
])('turns away %s, and takes note', async (_title, given) => {
  const test = await start()
  const caller = new RawCaller(test.server.path)
  caller.send({ hello: 1, token: given(test.token) }, { id: 1, command: 'wait' })
  expect(await caller.line()).toMatchObject({ error: { code: 'runtime-unreachable' } })
  expect(await caller.ended()).toBe('')
  expect(test.rejections).toEqual([{ reason: 'wrong-token' }])
  expect(test.waiting()).toBe(0)
  await answers(test)
})

it.each([
  ['a request before the hello', '{"id":1,"command":"wait"}\n'],
  ['another protocol', '{"hello":2,"token":"x"}\n'],
  ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['binary garbage', Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7919) % 256)],
])('cuts off %s with one line', async (_title, bytes) => {
  const test = await start()
  const caller = new RawCaller(test.server.path).sendText(bytes)
  expect(await caller.line()).toMatchObject({ error: { code: 'usage' } })
  expect(await caller.ended()).toBe('')
  expect(test.rejections).toEqual([{ reason: 'no-hello' }])
  expect(test.waiting()).toBe(0)
  await answers(test)
})

it('takes note of who guesses a token and hangs up before the refusal', async () => {
  const test = await start({ refusalDelayMs: 60_000 })
  const caller = new RawCaller(test.server.path).send({ hello: 1, token: '0'.repeat(64) })
  await once(caller.socket, 'connect')
  await until(() => test.rejections.length === 1)
  caller.close()
  expect(test.rejections).toEqual([{ reason: 'wrong-token' }])
  await answers(test)
})

it.each([
  ['not JSON', 'boo\n'],
  ['a prototype', '{"id":1,"command":"echo","input":{"__proto__":{}}}\n'],
  ['no id', '{"command":"echo"}\n'],
  ['a negative id', '{"id":-1,"command":"echo"}\n'],
  ['a huge id', '{"id":1e300,"command":"echo"}\n'],
  ['no command', '{"id":1}\n'],
  ['an id twice', '{"id":1,"command":"wait"}\n{"id":1,"command":"wait"}\n'],
])('cuts off a caller that sends %s', async (_title, text) => {
  const test = await start()
  const caller = (await greeted(test)).sendText(text)
  expect(await caller.line()).toMatchObject({ error: { code: 'usage' } })
  await caller.ended()
  test.release()
  await answers(test)
})

it('cuts off who says hello a byte at a time, and who says nothing', async () => {
  const test = await start({ helloMs: 100 })
  const silent = new RawCaller(test.server.path)
  const slow = new RawCaller(test.server.path)
  const drip = setInterval(() => slow.socket.write('{'), 5)
  expect(await slow.line()).toMatchObject({ error: { code: 'usage' } })
  clearInterval(drip)
  expect(await silent.line()).toMatchObject({ error: { code: 'usage' } })
  expect(test.rejections).toEqual([{ reason: 'no-hello' }, { reason: 'no-hello' }])
  slow.close()
  silent.close()
})

it('reads no more than one short line of whoever has not shown the token', async () => {
  const test = await start()
  const hello = { hello: 1, token: test.token, more: [] as number[] }
  const fitting = new RawCaller(test.server.path).send({ ...hello, more: Array.from({ length: 400 }, () => 0) })
  expect(await fitting.line()).toMatchObject({ hello: 1 })
  // To parse a line of a MiB takes the process a tenth of a second: only who has the token may ask for that.
  const long = new RawCaller(test.server.path).send({ ...hello, more: Array.from({ length: 500 }, () => 0) })
  expect(await long.line()).toMatchObject({ error: { code: 'usage' } })
  expect(test.rejections).toEqual([{ reason: 'no-hello' }])
  await long.ended()
  fitting.close()
  long.close()
})

it('cuts off a line of 2 MiB at its first MiB', async () => {
  const test = await start()
  const caller = await greeted(test)
  caller.sendText('x'.repeat(2_097_152))
  expect(await caller.line()).toMatchObject({
    error: { message: expect.stringContaining('longer than 1048576 bytes') },
  })
  await caller.ended()
  caller.close()
  const whole = await greeted(test)
  whole.send({ id: 1, command: 'echo', input: { text: 'x'.repeat(1_000_000) } })
  expect(await whole.line()).toMatchObject({ ok: { text: expect.stringMatching(/^x{1000000}$/) } })
  whole.close()
})

it('does nothing for half a line', async () => {
  const test = await start()
  const caller = await greeted(test)
  caller.sendText('{"id":1,"command":"wait"}')
  caller.socket.end()
  expect(await caller.ended()).toBe('')
  expect(test.waiting()).toBe(0)
  await answers(test)
})

it('takes 64 callers of a thousand, tells the others so, and has room again when some are gone', async () => {
  const test = await start()
  const first = Array.from({ length: 64 }, () => new RawCaller(test.server.path))
  await Promise.all(first.map(({ socket }) => once(socket, 'connect')))
  // In waves: the kernel keeps only so many connections that nobody has taken yet.
  for (let wave = 0; wave < 9; wave++) {
    const more = Array.from({ length: 104 }, () => new RawCaller(test.server.path))
    const told = await Promise.all(more.map((caller) => caller.line()))
    expect(told.every((line) => JSON.stringify(line).includes('too many callers'))).toBe(true)
    for (const caller of more) caller.close()
  }
  await expect(connectAdmin(test.directory, commands)).rejects.toMatchObject({ code: 'runtime-unreachable' })
  const [one, ...others] = first
  one?.send({ hello: 1, token: test.token })
  expect(await one?.line()).toMatchObject({ hello: 1 })
  for (const caller of others) caller.close()
  one?.send({ id: 1, command: 'echo' })
  await one?.line()
  await answers(test)
  one?.close()
})

it('takes 16 requests at a time of one caller, and cuts off who sends another', async () => {
  const test = await start()
  const wait = (count: number): unknown[] => Array.from({ length: count }, (_, id) => ({ id, command: 'wait' }))
  const modest = (await greeted(test)).send(...wait(16))
  await until(() => test.waiting() === 16)
  test.release()
  expect(await modest.lines(16)).toHaveLength(16)
  const greedy = (await greeted(test)).send(...wait(17))
  expect(await greedy.line()).toMatchObject({ error: { message: expect.stringContaining('more than 16 requests') } })
  test.release()
  modest.close()
  greedy.close()
})

it('ends what is idle, but not what waits for its answer', async () => {
  const test = await start({ idleMs: 60 })
  const idle = await greeted(test)
  const busy = (await greeted(test)).send({ id: 1, command: 'wait' })
  expect(await idle.line()).toMatchObject({ error: { message: expect.stringContaining('idle') } })
  await new Promise((resolve) => setTimeout(resolve, 150))
  test.release()
  expect(await busy.line()).toEqual({ id: 1, ok: 'at last' })
  expect(await busy.line()).toMatchObject({ error: { message: expect.stringContaining('idle') } })
  idle.close()
  busy.close()
})

it('streams, and asks the source for no more than a reader takes', async () => {
  const test = await start({ idleMs: 300 })
  const quick = (await greeted(test)).send({ id: 1, command: 'count', input: { to: 3 } })
  expect(await quick.lines(4)).toEqual([
    { id: 1, item: 0 },
    { id: 1, item: 1 },
    { id: 1, item: 2 },
    { id: 1, end: true },
  ])
  quick.close()

  const slow = await greeted(test)
  slow.socket.pause()
  slow.send({ id: 1, command: 'count', input: { to: 100_000, size: 10_000 } })
  await until(() => test.counted() > 10)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const held = test.counted()
  expect(held).toBeLessThan(1_000)
  // Nobody reads for the idle time: the connection is given up, and the source is told.
  await until(() => test.signals.at(-1)?.aborted === true)
  slow.close()
})

it('tells a stream that its reader is gone, or wants no more', async () => {
  const test = await start()
  const gone = (await greeted(test)).send({ id: 1, command: 'stand' })
  await until(() => test.signals.length === 1)
  gone.close()
  await until(() => test.signals[0]?.aborted === true)
  const enough = (await greeted(test)).send({ id: 5, command: 'stand' })
  await until(() => test.signals.length === 2)
  enough.send({ id: 5, cancel: true }, { id: 6, cancel: true }, { id: 7, command: 'echo' })
  expect(await enough.lines(2)).toEqual(
    expect.arrayContaining([
      { id: 5, end: true },
      { id: 7, ok: { text: 'nothing' } },
    ]),
  )
  enough.close()
})

it('answers what is at work before it closes, and leaves nothing behind', async () => {
  const test = await start()
  const client = await connectAdmin(test.directory, commands)
  const answer = client.request('wait', {})
  await until(() => test.waiting() === 1)
  const closed = test.server.close()
  test.release()
  expect(await answer).toBe('at last')
  await closed
  expect(statSync(test.server.path, { throwIfNoEntry: false })).toBeUndefined()
  await expect(connectAdmin(test.directory, commands)).rejects.toMatchObject({ code: 'runtime-unreachable' })
  expect(readToken(`${test.directory}/admin.token`)).toBe(test.token)
})

it('does not wait for ever for what is at work when it closes', async () => {
  const test = await start({ closeGraceMs: 20 })
  const client = await connectAdmin(test.directory, commands)
  const answer = client.request('wait', {})
  await until(() => test.waiting() === 1)
  await test.server.close()
  await expect(answer).rejects.toMatchObject({ code: 'runtime-unreachable' })
})
