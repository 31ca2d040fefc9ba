// Whatever an operator changes is on record with who did it and what came of it: every command of the admin socket is tried,
// and one that is added and stands in no row of this table does not compile.
import { type AdminCommands, adminCommands, connectAdmin, type LiveCommands, liveCommands } from '@bulkhead/admin'
import type { AuditLogRecord } from '@bulkhead/audit'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type Session, World } from '../authority/world.js'
import { inspected, stranger } from '../inspector/inspected-tree.js'

const author = 'grace'

type Change = {
  readonly input: (world: World) => Readonly<Record<string, unknown>>
  readonly event: AuditLogRecord['event']
  /** Of an order that has no record of its own. */
  readonly outcome?: string | RegExp
}

/**
 * `reads` changes nothing; `traffic` is what components and programs do all day, and is in the counts of messages;
 * `elsewhere` is on record where there is something to be released: test/end-to-end/supervision.
 */
type Row = 'reads' | 'traffic' | 'elsewhere' | Change

const order = (input: Readonly<Record<string, unknown>>, outcome: string | RegExp): Change => {
  return { input: () => ({ ...input, author }), event: 'order-given', outcome }
}
const change = (event: Change['event'], input: Readonly<Record<string, unknown>>): Change => {
  return { input: () => ({ ...input, author }), event }
}
const policy = (id: string): Readonly<Record<string, unknown>> => {
  const text = `description = "${id}"\n[allow]\nfilesystem.read = ["/ctl/**"]\n`
  return { text, format: 'native', file: `${id}.policy.toml`, reason: '' }
}

// In the order in which they are tried: what ends something comes last.
const table = {
  children: 'reads',
  'policy.show': 'reads',
  'policy.history': 'reads',
  'policy.text': 'reads',
  'policy.diff': 'reads',
  grants: 'reads',
  explain: 'reads',
  reviews: 'reads',
  review: 'reads',
  recommend: 'reads',
  'incidents.list': 'reads',
  'incidents.show': 'reads',
  tree: 'reads',
  events: 'reads',
  health: 'reads',
  metrics: 'reads',
  logs: 'reads',
  call: 'traffic',
  'messages.publish': 'traffic',
  'messages.request': 'traffic',
  'messages.subscribe': 'reads',
  'messages.deadletters': 'reads',
  'messages.deadletter': 'reads',
  'messages.stats': 'reads',
  grant: change('permission-granted', { child: 'agent', capabilities: ['filesystem.read=/ctl/more/**'] }),
  revoke: change('permission-revoked', { child: 'agent', capabilities: ['filesystem.read=/ctl/more/**'] }),
  'policy.update': change('policy-updated', { child: 'agent', ...policy('agent') }),
  'policy.rollback': change('policy-rolled-back', { child: 'agent', to: 1 }),
  'policy.default': change('policy-updated', { kind: 'service', ...policy('services') }),
  deny: change('approval-decided', { child: 'stranger', reason: 'no' }),
  approve: change('approval-decided', { child: 'stranger' }),
  'messages.replay': order({ ids: 'all' }, '0 letters'),
  'messages.discard': order({ ids: 'all' }, '0 letters'),
  'child.stop': order({ child: 'agent' }, 'stopped'),
  'child.start': order({ child: 'agent' }, 'started'),
  'child.restart': order({ child: 'agent' }, 'restarted'),
  upgrade: {
    ...order({}, /^refused: /),
    input: (world) => ({ child: 'agent', file: world.path('nothing.wasm'), author }),
  },
  reload: order({}, 'applied'),
  release: 'elsewhere',
  shutdown: order({}, 'accepted'),
} as const satisfies Record<keyof AdminCommands | keyof LiveCommands, Row>

async function records(world: World, from: number): Promise<readonly AuditLogRecord[]> {
  return (await world.audit()).filter(({ seq }) => seq > from)
}

/** Grants have it in their reason, other records in a detail of its own. */
const names = (record: AuditLogRecord): boolean => JSON.stringify(record).includes(author)

it('has every order of the admin socket on record, with who gave it', async () => {
  const world = new World()
  onTestFinished(() => world.remove())
  world.tree({ agent: {}, stranger })
  let ended = 0
  const session: Session = await world.start({ onShutdown: () => ended++ })
  await session.reaches('agent', 'running')
  const client = await connectAdmin(world.path('.bulkhead'), { ...adminCommands, ...liveCommands })
  onTestFinished(() => client.close())
  const ask = client.request as (command: string, input: unknown) => Promise<unknown>
  // Something to go back to.
  await client.request('policy.update', { ...policy('first'), child: 'agent', author } as never)
  for (const [command, row] of Object.entries(table) as [string, Row][]) {
    if (typeof row === 'string') continue
    const before = (await world.audit()).at(-1)?.seq ?? 0
    const answered = await ask.call(client, command, row.input(world)).catch((error: unknown) => error)
    const found = await records(world, before)
    const one = found.filter(({ event }) => event === row.event).find((each) => names(each))
    expect(one, `${command}: ${String(answered)} ${found.map(({ event }) => event)}`).toBeDefined()
    if (row.outcome === undefined) continue
    expect(one?.details).toMatchObject({ order: command, author })
    await vi.waitFor(
      async () => {
        const told = (await records(world, before)).find(({ event }) => event === 'order-ended')
        expect(told?.details).toMatchObject({
          order: command,
          author,
          outcome: expect.stringMatching(row.outcome ?? ''),
        })
      },
      { timeout: 40_000, interval: 50 },
    )
  }
  expect(ended).toBe(1)
}, 120_000)

it('has the orders of the page on record, and those of a host application', async () => {
  const { world, session, runtime, order: post } = await inspected({ agent: {} })
  await session.reaches('agent', 'running')
  expect((await post('/api/children/agent/stop', {})).status).toBe(200)
  await runtime.orders.start('agent')
  await runtime.orders.restart('agent', { author })
  await runtime.reload({ dryRun: true })
  await runtime.reload()
  await expect(runtime.upgrade('agent', 'nothing.wasm')).rejects.toThrow('nothing.wasm')
  const given = await world.audit({ event: 'order-given' })
  expect(given.map(({ component, details }) => [component, details])).toEqual([
    ['component:agent', { order: 'child.stop', author: 'inspector' }],
    ['component:agent', { order: 'child.start', author: 'host application' }],
    ['component:agent', { order: 'child.restart', author }],
    [undefined, { order: 'reload', author: 'host application' }],
    ['component:agent', { order: 'upgrade', author: 'host application' }],
  ])
}, 60_000)
