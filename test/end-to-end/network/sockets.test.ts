// A guest that uses sockets as ordinary programs do, in a thread and in a process of its own.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectWalls } from '@bulkhead/actor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkLab } from '../../support/network-lab.mjs'

const walls = await detectWalls()
const places = walls.up.has('bubblewrap') ? (['thread', 'process'] as const) : (['thread'] as const)

const sockets = new Set<Socket>()
let echo: Server
let port = 0
beforeAll(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const address = echo.address()
  if (address !== null && typeof address === 'object') port = address.port
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  echo.close()
})

const dns = { 'echo.test': [['127.0.0.1']] }

describe.each(places)('a guest in a %s of its own', (place) => {
  const host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-network-')))
  const opened = networkLab(place, host)
  afterAll(async () => {
    await (await opened).close()
    rmSync(host, { recursive: true })
  })

  it('is a client by name and by address, a server, sends datagrams, and waits for the first of many', async () => {
    const lab = await opened
    const long = 'x'.repeat(50_000)
    const { outcomes, report } = await lab.run({
      dns,
      allow: ['connect 127.0.0.1:*', 'connect udp://127.0.0.1:*', 'connect echo.test:*', 'bind 127.0.0.1:*'],
      ops: [
        { op: 'resolve', name: 'echo.test' },
        { op: 'tcp-connect', host: 'echo.test', port, text: 'by name' },
        { op: 'tcp-connect', host: '127.0.0.1', port, text: long },
        { op: 'tcp-listen', host: '127.0.0.1', port: 0, text: 'to myself' },
        { op: 'udp-send', host: '127.0.0.1', port, text: 'nobody hears it' },
        { op: 'poll', host: '127.0.0.1', port, connections: 10, writesTo: 6 },
      ],
    })
    expect(report).toMatchObject({ class: 'normal' })
    expect(outcomes.map(({ ok }) => ok)).toEqual([['127.0.0.1'], ...['by name', long, 'TO MYSELF', 'sent'], [6]])
  })

  it('is denied each of these without a grant, and each denial is on record', async () => {
    const lab = await opened
    const before = lab.records.length
    const { outcomes, asked } = await lab.run({
      dns,
      allow: [`connect echo.test:${port}`],
      ops: [
        { op: 'resolve', name: 'other.test' },
        { op: 'tcp-connect', host: '127.0.0.1', port },
        { op: 'tcp-listen', host: '127.0.0.1', port: 0 },
        { op: 'udp-send', host: '127.0.0.1', port },
        { op: 'tcp-connect', host: 'echo.test', port, text: 'granted' },
        { op: 'tcp-connect', host: 'echo.test', port: port - 1 },
      ],
    })
    const denied = { error: 'access-denied' }
    expect(outcomes).toEqual([denied, denied, denied, denied, { ok: 'granted' }, denied])
    expect(asked).toBe(2)
    const records = lab.records
      .slice(before)
      .flatMap((one) => (one.type === 'access' && one.verdict === 'denied' ? [one] : []))
    expect(records.map(({ action }) => action)).toEqual(['resolve', 'connect', 'bind', 'connect', 'connect'])
    expect(records[4]?.resource).toBe(`tcp://echo.test:${port - 1}`)
  })

  it('that is blocked in a read hears that it may not, as soon as the rules say so', async () => {
    const lab = await opened
    const { outcomes } = await lab.run({
      allow: ['connect 127.0.0.1:*'],
      ops: [
        { op: 'wait-for-input', host: '127.0.0.1', port },
        { op: 'tcp-connect', host: '127.0.0.1', port },
      ],
      onHeld: ({ update }) => update([], 2),
    })
    expect(outcomes).toEqual([{ error: 'last-operation-failed' }, { error: 'access-denied' }])
  })

  it('loses its connections when it ends', async () => {
    const lab = await opened
    await lab.run({
      allow: ['connect 127.0.0.1:*'],
      ops: [{ op: 'wait-for-input', host: '127.0.0.1', port }],
      onHeld: async ({ actor }) => {
        await actor.kill()
      },
    })
    const patience = performance.now() + 20_000
    while ([...sockets].some((socket) => !socket.destroyed && !socket.readableEnded) && performance.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect([...sockets].filter((socket) => !socket.destroyed && !socket.readableEnded)).toEqual([])
  })
})
