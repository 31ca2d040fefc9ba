// A guest that sends HTTP requests does so from a process of its own as from a thread: the host sends them, by its own rules.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectWalls } from '@bulkhead/actor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkLab } from '../../support/network-lab.mjs'

const walls = await detectWalls()
const places = walls.up.has('bubblewrap') ? (['thread', 'process'] as const) : (['thread'] as const)
if (places.length === 1) console.warn(`fetching in processes is not tested here: ${walls.missing.get('bubblewrap')}`)

let server: Server
let port = 0
let onLate = (): void => {}
const keys: (string | undefined)[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/late') return onLate()
    keys.push(request.headers.authorization)
    request.pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe.each(places)('a guest in a %s of its own', (place) => {
  const host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-fetch-process-')))
  const opened = networkLab(place, host)
  const dns = { 'api.test': [['127.0.0.1'], ['127.0.0.1'], ['127.0.0.1']], 'other.test': [['127.0.0.1']] }
  afterAll(async () => {
    await (await opened).close()
    rmSync(host, { recursive: true })
  })

  it('sends what it is granted, with a key that the host adds, and nothing else', async () => {
    const lab = await opened
    keys.length = 0
    const before = lab.records.length
    const text = 'x'.repeat(200_000)
    const inject = [{ origin: `http://api.test:${port}`, header: 'authorization', value: 'Bearer hunter2' }]
    const { outcomes, report } = await lab.run({
      dns,
      channel: { inject },
      allow: [`connect http://api.test:${port}`],
      ops: [
        { op: 'http', method: 'POST', url: `http://api.test:${port}/`, body: text },
        { op: 'http', url: `http://other.test:${port}/` },
        { op: 'http', url: `http://api.test:${port}/`, headers: { authorization: 'its own' } },
      ],
    })
    expect(report).toMatchObject({ class: 'normal' })
    expect(outcomes).toEqual([{ ok: text }, { error: 'HTTP-request-denied' }, { ok: '' }])
    expect(keys).toEqual(['Bearer hunter2', 'Bearer hunter2'])
    const records = lab.records.slice(before).flatMap((one) => (one.type === 'access' ? [one] : []))
    const denied = records.filter(({ verdict }) => verdict === 'denied')
    expect(denied.map(({ resource }) => resource)).toEqual([`http://other.test:${port}`])
    expect(JSON.stringify(records, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      'hunter2',
    )
  })

  it('that waits for a response hears that it may not, as soon as the rules say so', async () => {
    const lab = await opened
    let take = (): void => {}
    onLate = () => take()
    const { outcomes } = await lab.run({
      dns,
      allow: [`connect http://api.test:${port}`],
      ops: [{ op: 'hold' }, ...['late', ''].map((path) => ({ op: 'http', url: `http://api.test:${port}/${path}` }))],
      onHeld: ({ update, goOn }) => {
        take = () => update([], 2)
        goOn()
      },
    })
    expect(outcomes).toEqual([{ ok: 1 }, { error: 'HTTP-request-denied' }, { error: 'HTTP-request-denied' }])
  })
})
