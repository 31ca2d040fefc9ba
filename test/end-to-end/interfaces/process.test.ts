// A plug-in that was moved into a process of its own uses the host application as it did in a thread.
import { detectWalls } from '@bulkhead/actor'
import type { HostCallContext } from 'bulkhead'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Session, World } from '../authority/world.js'
import { child, contacts, kinds, told } from './crm.js'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`interfaces in processes are not tested here: ${walls.missing.get('bubblewrap')}`)

/** Spins until its host says `go`; then it asks, and waits for an answer that only newer rules give. */
const source = [
  "if (echo('what now') === 'spin') for (;;) {}",
  told("find('customer-ana').length"),
  told("find('boss')"),
  told("echo('x'.repeat(200000)).length"),
  told("find('customer-slow')"),
  "print('done')",
  'for (;;) {}',
].join(';')

describe.runIf(walled)('a plug-in in a process', () => {
  const world = new World()
  let session: Session
  const signals: AbortSignal[] = []
  const callers: string[] = []
  const level = () => session.runtime.children().find(({ id }) => id === 'plugin')?.level
  const lines = () => session.output('plugin').split('\n').slice(0, -1)

  /** The tree, and the host application that says what is to be done now. */
  const begin = async (manifestLines: readonly string[]): Promise<void> => {
    const { lines: entry = [], ...spec } = child(source, ['crm.find = ["customer-*"]'], { manifestLines })
    world.tree({ plugin: { ...spec, lines: entry.map((line) => line.replace('temporary', 'permanent')) } })
    const interfaces = [
      contacts({
        echo: { run: (text: string) => (text !== 'what now' ? text : level() === 'process' ? 'go' : 'spin') },
        find: {
          run: (query: string, { child: caller, signal }: HostCallContext) => {
            callers.push(caller)
            if (query !== 'customer-slow') return [{ name: 'x', age: 1, tags: [], mail: undefined }]
            signals.push(signal)
            return new Promise(() => {})
          },
        },
      }),
    ]
    session = await world.start({ interfaces, kinds })
  }

  beforeAll(async () => {
    // Each deadline that passes counts two; at four it climbs, and then again. Where it has climbed to is kept.
    await begin(['[quotas]', 'deadline = "1s"'])
    const isolated = () => session.events.some(({ type }) => type === 'child.isolated')
    while (!isolated()) await new Promise((resolve) => setTimeout(resolve, 50))
    await world.stop()
    callers.length = 0
    signals.length = 0
    await begin([])
  }, 240_000)
  afterAll(() => world.remove())

  it('gets what is granted, is denied what is not, and loses what newer rules take, in the middle of a call', async () => {
    await session.until(() => signals[0], 'the call that waits')
    expect(level()).toBe('process')
    expect(lines()).toEqual(['1', '{"error":"access denied"}', '200000'])
    expect(new Set(callers)).toEqual(new Set(['plugin']))
    await session.runtime.revoke('plugin', 'crm.find=customer-*')
    expect(signals[0]?.aborted).toBe(true)
    await session.until(() => lines().includes('"done"'), 'the end')
    expect(lines()[3]).toBe('{"error":"access denied"}')
  }, 60_000)

  it('is on record by the host’s own word', async () => {
    await world.stop()
    const records = (await world.audit({ child: 'component:plugin' })).filter(({ kind }) => kind === 'crm')
    expect(records.map(({ resource, verdict }) => `${verdict} ${resource}`)).toEqual(
      expect.arrayContaining(['granted customer-ana', 'denied boss', 'denied customer-slow']),
    )
    expect(records.every(({ attested }) => attested === 'host')).toBe(true)
  })
})
