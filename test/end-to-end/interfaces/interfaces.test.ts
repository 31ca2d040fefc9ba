// Components that import an interface of the host application: real guests, real trees.
import {
  defineHostInterface,
  type HostCallContext,
  type InterfaceFailure,
  openDesk,
  type RuntimeOptions,
} from 'bulkhead'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestRuntime } from '../../support/test-runtime.mjs'
import { type Session, World } from '../authority/world.js'
import { child, contacts, kinds, plugIn, told } from './crm.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const offering = (functions: Parameters<typeof contacts>[0] = {}): RuntimeOptions => ({
  interfaces: [contacts(functions)],
  kinds,
})

const lines = (session: Session, name: string): readonly string[] => session.output(name).split('\n').slice(0, -1)

describe('a plug-in', () => {
  it('gets what is granted to it, value for value, and nothing else', async () => {
    const source = [
      told("find('customer-ana')"),
      told("find('boss')"),
      told("change('customer-ana', { tag: 'birthday', val: 31 })"),
      told("change('customer-ana', { tag: 'forget' })"),
      told("change('customer-bob', { tag: 'rename', val: 'x' })"),
      told("change('boss', { tag: 'forget' })"),
      told('count()'),
      told("echo('tea ☕')"),
      told("photo('customer-ana')"),
    ].join(';')
    world.tree({ plugin: child(source, ['crm.find = ["customer-*"]', 'crm.update = ["customer-*"]']) })
    const session = await world.start(offering())
    await session.reaches('plugin', 'completed')
    expect(lines(session, 'plugin').map((line) => JSON.parse(line))).toEqual([
      [{ name: 'customer-ana', age: 30, tags: ['vip'], mail: 'ana@example.com' }],
      { error: 'access denied' },
      { name: 'customer-ana', age: 31, tags: ['vip'], mail: 'ana@example.com' },
      expect.objectContaining({ name: 'forget' }),
      { error: 'not-found' },
      { error: 'access-denied' },
      7,
      'tea ☕',
      { 0: 1, 1: 2, 2: 3 },
    ])
    const refused = await session.refusal('plugin', 'boss')
    expect(refused).toMatchObject({ kind: 'crm', layer: 'manifest' })
    await world.stop()
    const records = await world.audit({ child: 'component:plugin' })
    expect(records.map(({ kind, action, resource, verdict }) => [kind, action, resource, verdict])).toEqual(
      expect.arrayContaining([
        ['crm', 'find', 'customer-ana', 'granted'],
        ['crm', 'find', 'boss', 'denied'],
        ['crm', 'update', 'boss', 'denied'],
      ]),
    )
    expect(records.filter(({ kind }) => kind === 'crm').every(({ attested }) => attested === 'host')).toBe(true)
  })

  it('is ended where a function has no error for a denial, and its neighbour is not', async () => {
    world.tree({
      denied: child("photo('boss')", ['crm.find = ["customer-*"]']),
      allowed: child("print(photo('customer-ana').length)", ['crm.find = ["customer-*"]']),
    })
    const session = await world.start(offering())
    await session.reaches('allowed', 'completed')
    const exited = await session.event('child.exited', 'denied')
    expect(exited).toMatchObject({ class: 'crash' })
    expect(exited.reason).toContain('acme:crm/contacts#photo: denied')
    expect(session.output('allowed')).toBe('3\n')
  })

  it('is ended at nobody’s cost when the host application fails', async () => {
    const failures: InterfaceFailure[] = []
    world.tree({ plugin: child("find('customer-ana')", ['crm.find = ["*"]']) })
    const session = await world.start({
      ...offering({ find: { run: () => Promise.reject(new Error('the CRM is down')) } }),
      onInterfaceFailed: (failure) => failures.push(failure),
    })
    const exited = await session.event('child.exited', 'plugin')
    expect(exited).toMatchObject({
      class: 'host',
      reason: 'acme:crm/contacts@1.0.0#find: the CRM is down',
    })
    expect(failures).toEqual([
      expect.objectContaining({
        child: 'plugin',
        incarnation: 1,
        function: 'find',
        error: new Error('the CRM is down'),
      }),
    ])
  })

  it('is not built for a host without the interface, or with another type of a function', async () => {
    world.tree({ plugin: child('count()') })
    await expect(world.start({ kinds })).rejects.toMatchObject({
      code: 'component-import-unknown',
      message: expect.stringContaining('acme:crm/contacts@1.0.0'),
    })
    const functions = { count: { authorize: 'none', run: () => 5 } } as const
    const wit = 'interface contacts { count: func() -> u32; }'
    const interfaces = [defineHostInterface('acme:crm/contacts@1.0.0', { wit, functions })]
    await expect(world.start({ kinds, interfaces })).rejects.toMatchObject({
      code: 'component-import-type-mismatch',
      message: expect.stringContaining('count: the result is u64, expected u32'),
    })
  })

  it('has its deadline while the host application takes its time, which hears of the end', async () => {
    let signal: AbortSignal | undefined
    let leftMs: number | undefined
    world.tree({
      plugin: child("find('customer-ana')", ['crm.find = ["*"]'], { manifestLines: ['[quotas]', 'deadline = "2s"'] }),
    })
    const session = await world.start(
      offering({
        find: {
          run: (_query: string, context: HostCallContext) => {
            signal = context.signal
            leftMs = context.deadlineMs
            return new Promise(() => {})
          },
        },
      }),
    )
    const exited = await session.event('child.exited', 'plugin')
    expect(exited).toMatchObject({ class: 'resource', reason: 'deadline of 2 s passed' })
    await session.until(() => signal?.aborted, 'the signal')
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(2_000)
  })
})

describe('what an operator decides', () => {
  it('takes a capability out of a call that goes on', async () => {
    const signals: AbortSignal[] = []
    world.tree({ plugin: child(`${told("find('customer-ana')")}; print('on')`, ['crm.find = ["customer-*"]']) })
    const session = await world.start(
      offering({
        find: {
          run: (_query: string, { signal }: HostCallContext) => {
            signals.push(signal)
            return new Promise(() => {})
          },
        },
      }),
    )
    await session.until(() => signals[0], 'the call')
    const changed = await session.runtime.revoke('plugin', 'crm.find=customer-*')
    expect(changed.bound).toMatchObject({ child: 'plugin', within: 'running', stuck: false })
    expect(signals[0]?.aborted).toBe(true)
    await session.reaches('plugin', 'completed')
    expect(lines(session, 'plugin')).toEqual(['{"error":"access denied"}', '"on"'])
  })

  it('grants, explains and recommends in the words of the host application', async () => {
    const source = "for (;;) { try { print(find('boss').length); break } catch { echo('again') } }"
    world.tree({ plugin: child(source, ['crm.find = ["customer-*"]']) })
    const session = await world.start(offering())
    await session.refusal('plugin', 'boss')
    const { runtime } = session
    expect(await runtime.policy.explain('plugin', 'crm.find=boss')).toMatchObject({ verdict: 'denied' })
    await runtime.grant('plugin', 'crm.find=boss')
    await session.reaches('plugin', 'completed')
    expect(lines(session, 'plugin')).toEqual(['1'])
    expect(await runtime.policy.explain('plugin', 'crm.find=boss')).toMatchObject({ verdict: 'granted' })
    const { lines: recommended } = await runtime.policy.recommend('plugin')
    expect(recommended.map(({ grant: { kind, action, pattern } }) => `${kind}.${action}=${pattern}`)).toContain(
      'crm.find=boss',
    )
    await expect(runtime.grant('plugin', 'crm.send=boss')).rejects.toMatchObject({ code: 'usage' })
  })

  it('is remembered with its kinds while no process runs', async () => {
    world.tree({ plugin: child('count()', ['crm.find = ["customer-*"]']) })
    await (await world.start(offering())).reaches('plugin', 'completed')
    await world.stop()
    const desk = await openDesk(world.path('.bulkhead'))
    try {
      await desk.request('grant', { child: 'plugin', capabilities: ['crm.find=boss'], author: 'ana', reason: '' })
      const asked = { child: 'plugin', request: 'crm.find=boss' }
      expect(await desk.request('explain', asked)).toMatchObject({ verdict: 'granted' })
    } finally {
      await desk.close()
    }
  })

  it('writes them into policies, which narrow', async () => {
    world.write('plugin.policy.toml', '[allow]\ncrm.find = ["customer-a*"]\n')
    const source = [told("find('customer-ana').length"), told("find('customer-bob')")].join(';')
    world.tree({
      plugin: child(source, ['crm.find = [{ pattern = "customer-*", optional = true }]'], {
        lines: ['policy = "plugin.policy.toml"'],
      }),
    })
    const session = await world.start(offering())
    await session.reaches('plugin', 'completed')
    expect(lines(session, 'plugin')).toEqual(['1', '{"error":"access denied"}'])
    expect(await session.refusal('plugin', 'customer-bob')).toMatchObject({ layer: 'policy' })
  })

  it('sees which interfaces a component imports, and approves it with these', async () => {
    world.tree({ plugin: child('count()', [], { isPinned: false }) })
    let session = await world.start(offering())
    await session.reaches('plugin', 'waiting')
    const review = await session.runtime.approvals.review('plugin')
    expect(JSON.stringify(review)).toContain('acme:crm/contacts@1.0.0')
    await session.runtime.approvals.approve('plugin')
    await session.reaches('plugin', 'completed')
    session = await world.restart(offering())
    await session.reaches('plugin', 'completed')
  })
})

describe('a manifest with a kind that is not registered', () => {
  it('is refused with its line and the nearest name', async () => {
    world.tree({ plugin: child('count()', ['crn.find = ["customer-*"]']) })
    await expect(world.start(offering())).rejects.toMatchObject({
      code: 'document-invalid',
      findings: [
        expect.objectContaining({
          line: 5,
          message: expect.stringContaining('crn'),
          hint: expect.stringContaining('crm'),
        }),
      ],
    })
  })

  it('is refused where the host application registers none', async () => {
    world.tree({ plugin: child('count()', ['crm.find = ["customer-*"]']) })
    await expect(world.start()).rejects.toMatchObject({
      code: 'document-invalid',
      findings: [
        expect.objectContaining({ hint: expect.stringContaining('known only to the runtime that it creates') }),
      ],
    })
  })
})

describe('a program that is run once', () => {
  it('uses the interface with what its options grant', async () => {
    const runtime = await createTestRuntime(offering())
    try {
      const source = [told("find('a').length"), told("find('b')")].join(';')
      const result = await runtime.exec(plugIn, { args: ['plug-in', source], allow: ['crm.find=a'] })
      expect(result.stdout).toBe('1\n{"error":"access denied"}\n')
      expect(result.denied).toEqual([expect.objectContaining({ kind: 'crm', action: 'find', resource: 'b' })])
      expect(result.exitCode).toBe(0)
      await expect(runtime.exec(plugIn, { allow: ['mail.send=a'] })).rejects.toMatchObject({ code: 'usage' })
    } finally {
      await runtime.stop()
    }
  })
})
