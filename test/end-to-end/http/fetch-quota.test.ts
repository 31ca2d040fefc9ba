// A command that handles no messages is watched as others are: the operator hears of what its quota refuses while it runs.
import { createServer as createHttpServer } from 'node:http'
import { afterAll, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { World } from '../authority/world.js'
import { listening, listeningInSilence } from './local-servers.js'

const world = new World()
afterAll(async () => {
  await world.remove()
})

it('more requests than the quota of a command are a health event', async () => {
  let reached = 0
  const port = await listening(
    createHttpServer((_, response) => {
      reached++
      response.writeHead(200, { connection: 'close' }).end('fine')
    }),
  )
  const silent = await listeningInSilence()
  const ask = { op: 'http', url: `http://127.0.0.1:${port}/` }
  const ops = [ask, ask, { op: 'wait-for-input', host: '127.0.0.1', port: silent }]
  const child = (requests: string) => ({
    component: guestFile('network-operator'),
    grants: [`network.connect = ["http://127.0.0.1:${port}", "127.0.0.1:${silent}"]`],
    lines: [
      `args = ${JSON.stringify(['operator', ...ops.map((op) => JSON.stringify(op))])}`,
      `quotas = { requests = "${requests}" }`,
      'shutdown = "0s"',
    ],
  })
  world.tree({ eager: child('1/h'), modest: child('100/s') })
  const session = await world.start()
  const exceeded = await session.event('quota.exceeded')
  expect(exceeded).toMatchObject({ child: 'eager', reason: 'HTTP requests: 100 % is used' })
  await session.until(() => session.output('modest').includes('held'), 'the neighbour')
  expect(session.output('eager').split('\n')).toEqual([
    '{"ok":"fine"}',
    expect.stringContaining('internal-error'),
    '{"held":true}',
    '',
  ])
  expect(session.output('modest').split('\n').slice(0, 2)).toEqual(['{"ok":"fine"}', '{"ok":"fine"}'])
  expect(reached).toBe(3)
})
