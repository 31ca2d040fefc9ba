// What stands behind a guard that has been broken: a worker that lets its guest do everything still reaches nothing that the
// host's copy of its rules does not allow. The services decide again (DESIGN D1).
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { networkLab } from '../../support/network-lab.mjs'

const patienceMs = 20_000
const grantingWorker = join(
  dirname(createRequire(import.meta.url).resolve('@bulkhead/actor/worker')),
  'granting-worker.test.support.js',
)
const host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-far-side-')))
const dns = { 'echo.test': [['127.0.0.1']], 'other.test': [['127.0.0.1']] }

let lab: Awaited<ReturnType<typeof networkLab>>
let echo: Server
let port = 0
const open = new Set<Socket>()
beforeAll(async () => {
  lab = await networkLab('thread', host)
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const address = echo.address()
  if (address !== null && typeof address === 'object') port = address.port
})
afterAll(async () => {
  await lab.close()
  for (const socket of open) socket.destroy()
  echo.close()
  rmSync(host, { recursive: true })
})

it('a worker that grants everything connects, listens, sends and looks up only what its host lets it', async () => {
  const ops = [
    { op: 'resolve', name: 'other.test' },
    { op: 'tcp-connect', host: '127.0.0.1', port },
    { op: 'tcp-listen', host: '127.0.0.1', port: 0 },
    { op: 'udp-send', host: '127.0.0.1', port },
    { op: 'tcp-connect', host: 'echo.test', port, text: 'granted' },
  ]
  const { outcomes, asked } = await lab.run({ entry: grantingWorker, dns, allow: [`connect echo.test:${port}`], ops })
  const denied = { error: 'access-denied' }
  expect(outcomes).toEqual([denied, denied, denied, denied, { ok: 'granted' }])
  expect(asked).toBe(1)
  // The neighbour: with the rules, it may.
  const allow = ['connect other.test:*', 'connect 127.0.0.1:*', 'bind 127.0.0.1:*', 'connect udp://127.0.0.1:*']
  const allowed = await lab.run({ entry: grantingWorker, dns, allow, ops: ops.slice(0, 4) })
  expect(allowed.outcomes.every(({ error }) => error === undefined)).toBe(true)
})

it('a revocation is over when the services have closed what it covered', async () => {
  let how: string | undefined
  await lab.run({
    allow: ['connect 127.0.0.1:*'],
    ops: [{ op: 'wait-for-input', host: '127.0.0.1', port }],
    onHeld: async ({ actor, update }) => {
      update([], 2)
      how = await actor.settleOn(2)
    },
  })
  const end = Date.now() + patienceMs
  while ((how === undefined || open.size > 0) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(how).toBe('left')
  expect(open.size).toBe(0)
})
