import { inspectorApp } from '@bulkhead/inspector'
import { Hono } from 'hono'
import { expect, it, onTestFinished } from 'vitest'
import { World } from '../authority/world.js'
import { messagesUntil, stranger } from './inspected-tree.js'

const token = 'a-token-of-the-application'

async function mounted(options: Parameters<typeof inspectorApp>[1] = {}) {
  const world = new World()
  onTestFinished(() => world.remove())
  world.tree({ stranger })
  const { runtime } = await world.start()
  const inspector = inspectorApp(runtime, { token, hosts: ['Ops.Example.com'], ...options })
  onTestFinished(() => inspector.close())
  const app = new Hono().get('/', (context) => context.text('the application')).mount('/bulkhead', inspector.fetch)
  const ask = async (path: string, fields: Record<string, string> = {}): Promise<Response> =>
    app.request(path, { headers: { host: 'ops.example.com', ...fields } })
  return { app, ask, inspector, runtime }
}

it('is a part of a host application, which lets nobody look who has no token', async () => {
  const { ask } = await mounted()
  expect(await (await ask('/')).text()).toBe('the application')
  expect((await ask('/bulkhead/readyz')).status).toBe(200)
  for (const path of ['/api/tree', '/events', '/api/stream', '/api/reviews', '/api/children/stranger', '/no']) {
    expect((await ask(`/bulkhead${path}`)).status, path).toBe(401)
  }
  const known = { authorization: `Bearer ${token}` }
  expect(await (await ask('/bulkhead/api/tree', known)).json()).toMatchObject({ root: 'root' })
  expect((await ask('/bulkhead/no', known)).status).toBe(404)
  expect((await ask('/bulkhead/api/tree', { ...known, host: 'other.example.com' })).status).toBe(421)
})

it('lets everybody look where the application says so, and ends its streams when it is closed', async () => {
  const { ask, inspector } = await mounted({ reads: 'everybody', source: 'https://ops.example.com/plug-ins' })
  expect((await ask('/bulkhead/api/tree')).status).toBe(200)
  const [event] = await messagesUntil(await ask('/bulkhead/events'), () => true)
  expect(JSON.parse(event?.data ?? '')).toMatchObject({ source: 'https://ops.example.com/plug-ins' })
  const open = await ask('/bulkhead/events')
  const read = open.text()
  inspector.close()
  expect(await read).toContain('supervisor.started')
  expect((await ask('/bulkhead/events')).status).toBe(503)
})

it('tells what went wrong with itself to the application, and to nobody else', async () => {
  const told: unknown[] = []
  const { ask, runtime } = await mounted({ reads: 'everybody', onFailure: (error) => told.push(error) })
  const broken = Object.assign(runtime, {
    report: () => {
      throw new Error('a secret of ours')
    },
  })
  const answer = await ask('/bulkhead/api/tree')
  expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: 'internal' } }])
  expect(told).toMatchObject([{ message: 'a secret of ours' }])
  expect(broken).toBe(runtime)
})

it('computes the numbers when it is asked for them, and once for all who ask meanwhile', async () => {
  const world = new World()
  onTestFinished(() => world.remove())
  world.tree({ stranger })
  const { runtime } = await world.start()
  let asked = 0
  const family = { name: 'bulkhead.permission.checks', unit: '{check}', type: 'counter', help: 'checks' }
  const metrics = () => {
    asked += 1
    return { families: [{ ...family, samples: [{ labels: { child: 'stranger' }, value: 7 }] }] }
  }
  const inspector = inspectorApp(Object.assign(Object.create(runtime), runtime, { metrics }), { token })
  onTestFinished(() => inspector.close())
  const headers = { host: 'localhost', authorization: `Bearer ${token}` }
  const scrape = async (): Promise<Response> => inspector.fetch(new Request('http://localhost/metrics', { headers }))
  const answers = await Promise.all([scrape(), scrape(), scrape()])
  expect(asked).toBe(1)
  for (const answer of answers) {
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toContain('bulkhead_permission_checks_total{child="stranger"} 7\n')
  }
  await scrape()
  expect(asked).toBe(2)
  expect(
    (await inspector.fetch(new Request('http://localhost/metrics', { headers: { host: 'localhost' } }))).status,
  ).toBe(401)
})
