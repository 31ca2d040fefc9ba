import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { openInspector } from '@bulkhead/inspector'
import { expect, it, onTestFinished } from 'vitest'
import { createTestRuntime } from '../../support/test-runtime.mjs'
import { inspected, itemsUntil } from './inspected-tree.js'

it('wants the token of everybody who comes from elsewhere, but for probes', async () => {
  const { runtime, token } = await inspected()
  const inspector = await openInspector(runtime, { listen: '0.0.0.0:0' })
  onTestFinished(() => inspector.close())
  expect(inspector.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(inspector.urlWithToken).toBe(`${inspector.url}#token=${token}`)
  const [elsewhere] = Object.values(networkInterfaces()).flatMap(
    (all) => all?.filter(({ family, internal }) => family === 'IPv4' && !internal) ?? [],
  )
  const url = new URL(inspector.url)
  if (elsewhere !== undefined) url.hostname = elsewhere.address
  const status = async (path: string, headers?: Record<string, string>): Promise<number> =>
    (await fetch(new URL(path, url), headers === undefined ? {} : { headers })).status
  for (const path of ['/livez', '/readyz', '/healthz']) expect(await status(path), path).toBe(200)
  for (const path of [
    '/api/tree',
    '/events',
    '/api/stream',
    '/api/denials',
    '/api/samples',
    '/api/reviews',
    '/api/children/stranger',
  ])
    expect(await status(path), path).toBe(401)
  expect(await status('/api/tree', { authorization: `Bearer ${token}` })).toBe(200)
})

it('opens nowhere but where it was told to, and never beyond loopback without a token', async () => {
  const bare = await createTestRuntime()
  onTestFinished(() => void bare.stop())
  for (const listen of [
    '',
    'localhost',
    '127.0.0.1',
    '127.0.0.1:65536',
    'example.com:80',
    '::1:80',
    '[127.0.0.1]:80',
    '256.1.1.1:80',
    '127.1:80',
    ':80',
    '1.2.3.4:-1',
  ])
    await expect(openInspector(bare, { listen }), listen).rejects.toMatchObject({ code: 'usage' })
  await expect(openInspector(bare, { listen: '0.0.0.0:0' })).rejects.toMatchObject({
    code: 'usage',
    message: /no token/,
  })
  for (const token of ['short', 'with a space in its middle', `é${'x'.repeat(20)}`])
    await expect(openInspector(bare, { listen: '0', token }), token).rejects.toMatchObject({ code: 'usage' })
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await expect(openInspector(bare, { listen: `127.0.0.1:${port}` })).rejects.toMatchObject({ message: /EADDRINUSE/ })
})

it('lets nobody change anything where there is no token, and shows a runtime without a tree', async () => {
  const bare = await createTestRuntime()
  onTestFinished(() => void bare.stop())
  const inspector = await openInspector(bare, { listen: 'localhost:0' })
  onTestFinished(() => inspector.close())
  expect(inspector.urlWithToken).toBe(inspector.url)
  expect((await fetch(new URL('/readyz', inspector.url))).status).toBe(200)
  expect((await fetch(new URL('/api/tree', inspector.url))).status).toBe(409)
  const samples = await fetch(new URL('/api/samples', inspector.url))
  expect(await samples.json()).toEqual({ samples: [] })
  // Longer than it takes to look again: what a timer throws would end the process.
  const beats = fetch(new URL('/api/stream', inspector.url)).then((stream) => itemsUntil(stream, () => true))
  expect(await beats).toMatchObject([{ kind: 'health', health: { ready: true } }])
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect((await fetch(new URL('/livez', inspector.url))).status).toBe(200)
  const order = await fetch(new URL('/api/children/x/stop', inspector.url), {
    method: 'POST',
    headers: { authorization: 'Bearer undefined' },
  })
  expect(await order.json()).toMatchObject({ error: { hint: expect.stringContaining('no token') } })
})

it('leaves the globals of the process as they are', async () => {
  const { Request: request, Response: response } = globalThis
  await inspected()
  expect([globalThis.Request, globalThis.Response]).toEqual([request, response])
})
