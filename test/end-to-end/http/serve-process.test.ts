// A service that was moved into a process of its own: to its clients it is as in a thread.

import { detectWalls } from '@bulkhead/actor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServiceTree, startServiceTree, until } from './serve-tree.js'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`services in processes are not tested here: ${walls.missing.get('bubblewrap')}`)

describe.runIf(walled)('a service in a process', () => {
  let tree: ServiceTree
  let end = async (): Promise<void> => {}
  const level = () => tree.runtime.children().find(({ id }) => id === 'web')?.level
  beforeAll(async () => {
    tree = await startServiceTree({ entry: 'deadline = "5s"' }, (ends) => {
      end = ends
    })
    // Each of them is a fault that counts two; at four it climbs, and then again.
    while (level() !== 'process') {
      const { status } = await tree.ask('/spin')
      if (status !== 504 && status !== 503) throw new Error(`a service that spins was answered for with ${status}`)
    }
    await until(async () => (await tree.ask('/hello')).status === 200)
  }, 240_000)
  afterAll(() => end())

  it('answers, with what it was sent', async () => {
    const body = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => index % 251)
    const { status, text } = await tree.ask('/echo', { method: 'POST', body })
    expect(status).toBe(200)
    expect(Buffer.from(text, 'latin1').equals(body)).toBe(true)
    expect(JSON.parse((await tree.ask('/head', { headers: { 'x-own': 'one' } })).text).fields).toContainEqual([
      'x-own',
      'one',
    ])
    expect(level()).toBe('process')
  })

  it('sends as fast as it is read, and no faster', async () => {
    const { status, text } = await tree.ask('/big?3000000')
    expect({ status, length: text.length }).toEqual({ status: 200, length: 3_000_000 })
  })

  it('finds out that its client is gone', async () => {
    const { request } = await import('node:http')
    const asked = request({ host: '127.0.0.1', port: tree.port, path: '/endless', agent: false })
    asked.on('error', () => {})
    asked.end()
    await until(() => tree.lines().includes('endless begins'))
    asked.destroy()
    await until(() => tree.lines().some((line) => line.startsWith('endless ends')))
    expect((await tree.ask('/hello')).status).toBe(200)
  })

  it('answers nothing of what it did not finish', async () => {
    expect((await tree.ask('/silent')).status).toBe(500)
    await expect(tree.ask('/half')).rejects.toThrow()
  })

  it('costs its client the answer when it ends', async () => {
    expect((await tree.ask('/trap')).status).toBe(502)
    await until(async () => (await tree.ask('/count')).text === '1')
  })
})
