// What a component says of itself, by `bulkhead:actor/lifecycle`.
import { detectWalls } from '@bulkhead/actor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { type Session, World } from '../authority/world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`the lifecycle in a process is not tested here: ${walls.missing.get('bubblewrap')}`)

const child = {
  component: guestFile('lifecycle-living'),
  grants: ['environment.read = ["init"]'],
  lines: ['lifetime = "forever"', 'shutdown = "20s"'],
}
const asked = { deadline: '60s' }
/** Twice as often as it is, and no more: half a second is a long time for an answer on any machine. */
const scaled = ['time_scale = 2']

function start(more: readonly string[] = [], top: readonly string[] = scaled): Promise<Session> {
  world.tree({ ledger: { ...child, lines: [...child.lines, ...more] } }, top)
  return world.start()
}

async function feels({ runtime }: Session, mood: string): Promise<void> {
  await runtime.call('ledger', 'feel', [mood], asked)
}

const reasonsOf = ({ runtime }: Session) => runtime.children()[0]?.health.reasons.join('; ') ?? ''

async function dies(session: Session, from: number): Promise<string> {
  const { class: found, reason = '' } = await session.event('child.exited', 'ledger', from)
  expect(found, reason).toBe('crash')
  return reason
}

async function fallsIll(session: Session): Promise<void> {
  const from = session.events.length
  await feels(session, 'ill')
  await session.until(() => reasonsOf(session).includes('it says of its health: the ledger is torn'), 'its words')
  expect(await dies(session, from)).toMatch(/the ledger is torn|has not answered/)
}

describe('a component that exports a lifecycle', () => {
  it('is asked how it is, and lives on when it is well', async () => {
    const session = await start()
    const { runtime } = session
    await feels(session, 'well')
    await session.until(() => session.output('ledger') === 'init\n', 'its init')
    for (let n = 0; n < 2; ) n = (await runtime.call('ledger', 'times-asked', [], asked)) as number
    expect(session.events.map(({ type }) => type)).not.toContain('child.exited')
    await expect(runtime.call('ledger', 'bulkhead:actor/lifecycle@0.1.0#health', [], asked)).rejects.toMatchObject({
      code: 'function-unknown',
    })
    await runtime.stop()
    expect(session.output('ledger')).toBe('init\nshutdown\n')
  }, 60_000)

  it('is ended after three answers that are no health', async () => {
    const session = await start()
    await fallsIll(session)
    // The next one is well.
    expect(await session.runtime.call('ledger', 'times-asked', [], asked)).toBeTypeOf('number')
  }, 60_000)

  it('is ended when it never answers', async () => {
    const session = await start()
    const from = session.events.length
    await feels(session, 'hang')
    expect(await dies(session, from)).toMatch(/its `health` has not answered within/)
  }, 60_000)

  it('does not start when it says that it cannot', async () => {
    const session = await start(['config = { init = "fail" }'])
    await expect(feels(session, 'well')).rejects.toThrow()
    // What would move a terminal stands for itself.
    expect(await dies(session, 0)).toBe('its `init` failed: no \u{fffd}[31mledger\u{fffd}to open')
    expect(session.events.map(({ type }) => type)).not.toContain('child.ready')
  }, 60_000)

  it('is killed when it does not come to an end of its shutdown', async () => {
    const session = await start(['quotas.deadline = "2s"'])
    await feels(session, 'lingering')
    await session.runtime.stop()
    expect(session.output('ledger')).toBe('init\nshutdown\n')
  }, 60_000)

  it('is no actor for that alone', async () => {
    world.tree({ alone: { component: guestFile('lifecycle-only'), lines: ['kind = "actor"'] } })
    await expect(world.start()).rejects.toMatchObject({ code: 'component-invalid' })
  })
})

describe.runIf(walled)('the lifecycle of a process', () => {
  it('is the same', async () => {
    const session = await start(['quotas.deadline = "1s"'], [])
    const { runtime } = session
    const level = () => runtime.children()[0]?.level
    // Each of them is a fault that counts two; at four it climbs, and then again.
    while (level() !== 'process') {
      const from = session.events.length
      await expect(runtime.call('ledger', 'spin', [], asked)).rejects.toMatchObject({ code: 'call-timeout' })
      await session.event('child.exited', 'ledger', from)
    }
    for (let n = 0; n < 1; ) n = (await runtime.call('ledger', 'times-asked', [], asked)) as number
    await fallsIll(session)
  }, 120_000)
})
