// What stands beside a child's own policy: operator grants, roles, and policies that it shares with others.
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { run } from '../command.js'
import { readFile, World, writeFile } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const mounts = { '/data': '{ host = "data", mode = "write" }' }
const reads = ['filesystem.read = [{ pattern = "/data/**", optional = true }]']
const refused = { errno: 'EACCES' }
const codeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : thrown

describe('what an operator grants', () => {
  it('stands apart, and never against a deny rule or the forbidden list', async () => {
    world.write('data/a', 'a')
    world.write('data/secret/b', 'b')
    const policy = '[allow]\nfilesystem.read = ["/ctl/**"]\n[deny]\nfilesystem.read = ["/data/secret/**"]\n'
    world.write('agent.policy.toml', policy)
    world.tree({
      agent: { mounts: { ...mounts, '/etc': '"/etc"' }, lines: ['policy = "agent.policy.toml"'] },
    })
    const session = await world.start()
    const { grant, grants, revoke, policy: policies } = session.runtime
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
    const granted = await grant('agent', 'filesystem.read=/data/**', { author: 'ana', reason: 'export' })
    expect(granted).toMatchObject({ changed: ['filesystem.read=/data/**'], bound: { within: 'running' } })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'a' })
    expect(await session.ask('agent', readFile('/data/secret/b'))).toEqual(refused)
    expect(grants()).toMatchObject([{ child: 'agent', pattern: '/data/**', grantedBy: 'ana', reason: 'export' }])
    const effective = (await policies.show('agent')).granted
    expect(effective.filter(({ operator }) => operator !== undefined).map(({ pattern }) => pattern)).toEqual([
      '/data/**',
    ])
    for (const [capability, code] of [
      ['filesystem.read=/data/secret/b', 'grant-refused'],
      ['filesystem.read=/data/**', 'grant-refused'],
      ['filesystem.write=/etc/passwd', 'grant-refused'],
      ['filesystem.read=/etc/shadow', 'grant-refused'],
      ['network.connect=169.254.169.254:80', 'grant-refused'],
      ['filesystem.read=data', 'document-invalid'],
    ] as const) {
      await expect(grant('agent', capability), capability).rejects.toMatchObject({ code })
    }
    await expect(revoke('agent', 'filesystem.write=/data/a')).rejects.toMatchObject({
      code: 'grant-not-found',
      hint: expect.stringContaining('filesystem.read=/data/**'),
    })
    expect(await revoke('agent', 'filesystem.read=/data/a')).toMatchObject({ how: ['policy version that denies it'] })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
    expect(await revoke('agent', 'filesystem.read=/data/**')).toMatchObject({ how: ['operator grant removed'] })
  })

  it('is not for another component in the same place', async () => {
    const hello = { component: guestFile('hello'), grants: [] }
    world.tree({ child: hello })
    let session = await world.start()
    await session.runtime.grant('child', 'filesystem.read=/data/**')
    session = await world.restart()
    expect(session.runtime.grants('child')).toHaveLength(1)
    world.tree({ child: { ...hello, component: guestFile('exit-code'), lines: ['restart = "temporary"'] } })
    session = await world.restart()
    expect(session.runtime.grants('child')).toEqual([])
    world.tree({ child: hello })
    session = await world.restart()
    expect(session.runtime.grants('child')).toEqual([])
    const [ended] = await world.audit({ event: 'permission-revoked' })
    expect(ended).toMatchObject({ resource: '/data/**', reason: 'the component is another one' })
  })

  it('is kept or refused as a whole when the runtime stops in the middle', async () => {
    world.tree({ child: { component: guestFile('hello'), grants: [] } })
    let session = await world.start()
    const { grant, revoke } = session.runtime
    await grant('child', 'filesystem.read=/data/gone')
    const patterns = Array.from({ length: 12 }, (_, index) => `/data/${String(index).padStart(2, '0')}`)
    const acts = patterns.map((pattern) => grant('child', `filesystem.read=${pattern}`))
    const taken = revoke('child', 'filesystem.read=/data/gone')
    await acts[3]
    const [, ...settled] = await Promise.all([world.stop(), ...acts.map((act) => act.then(Boolean, codeOf))])
    expect(new Set(settled)).toEqual(new Set([true]))
    await taken
    expect(await grant('child', 'filesystem.read=/late').then(Boolean, codeOf)).toBe('actor-not-running')
    session = await world.start()
    expect(
      session.runtime
        .grants('child')
        .map(({ pattern }) => pattern)
        .toSorted(),
    ).toEqual(patterns)
  })

  it('and its documents allow in the same words is taken away twice by one revocation', async () => {
    world.write('data/a', 'a')
    world.tree({ agent: { mounts, grants: reads } })
    const session = await world.start()
    const { grant, revoke } = session.runtime
    await grant('agent', 'filesystem.read=/data/**')
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'a' })
    expect(await revoke('agent', 'filesystem.read=/data/**')).toMatchObject({
      how: ['operator grant removed', 'policy version without it'],
    })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
  })

  it('and a rule that a wider one covers is denied when it is revoked', async () => {
    world.write('data/a', 'a')
    const grants = [
      'filesystem.read = [{ pattern = "/data/**", optional = true }, { pattern = "/data/a", optional = true }]',
    ]
    world.tree({ agent: { grants, mounts } })
    const session = await world.start()
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'a' })
    expect(await session.runtime.revoke('agent', 'filesystem.read=/data/a')).toMatchObject({
      how: ['policy version that denies it'],
    })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
  })
})

describe('roles', () => {
  it('filter what the capabilities grant, and what operators do; who has no rule may do nothing', async () => {
    world.write('data/a', 'a')
    world.write('data/private/b', 'b')
    const rules = [
      'p, role:agents, filesystem:read, /ctl/**',
      'p, role:readers, filesystem:read, /data/**',
      'p, component:reader, filesystem:read, /data/private/**, deny',
      'g, component:reader, role:readers',
      'g, role:readers, role:agents',
      'g, component:agent, role:agents',
    ]
    world.write('roles.csv', `${rules.join('\n')}\n`)
    const child = { grants: reads, mounts }
    world.tree({ reader: child, agent: child, nobody: { ...child, component: guestFile('hello') } }, [
      'roles = "roles.csv"',
    ])
    const session = await world.start()
    const { grant, policy } = session.runtime
    expect(await session.ask('reader', readFile('/data/a'))).toEqual({ value: 'a' })
    expect(await session.ask('reader', readFile('/data/private/b'))).toEqual(refused)
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
    expect(await session.refusal('agent', '/data/a')).toMatchObject({ layer: 'role' })
    await grant('reader', ['filesystem.write=/data/**'])
    expect(await session.ask('reader', writeFile('/data/new', 'x'))).toEqual(refused)
    expect(existsSync(world.path('data/new'))).toBe(false)
    expect(await session.refusal('reader', '/data/new')).toMatchObject({ layer: 'role' })
    await session.reaches('nobody', 'completed')
    expect(await policy.explain('nobody', 'filesystem.read=/data/a')).toMatchObject({
      verdict: 'denied',
      layer: 'role',
    })
    expect(await policy.explain('reader', 'filesystem.read=/data/a')).toMatchObject({ verdict: 'granted' })
  })

  it('that contain each other refuse the start, with their line', async () => {
    world.write('roles.csv', 'g, component:child, role:a\ng, role:a, role:b\ng, role:b, role:a\n')
    world.tree({ child: { component: guestFile('hello'), grants: [] } }, ['roles = "roles.csv"'])
    const done = await run(['run', 'bulkhead.toml'], { cwd: world.folder })
    expect(done.exitCode).toBe(2)
    expect(done.stderr).toMatch(/roles\.csv:[23]:\d+/)
    world.write('roles.csv', 'g, component:child, role:a\ng, role:a, role:b\n')
    expect((await run(['run', 'bulkhead.toml'], { cwd: world.folder })).exitCode).toBe(0)
  })
})

describe('a policy that components share', () => {
  const own = '[allow]\nfilesystem.read = ["/ctl/**", "/d"]\n'
  const member = { grants: reads, mounts, lines: ['policy = "own.policy.toml"'] }
  const shared = (components: readonly string[], allow: string, deny = '') =>
    [
      '[shared]',
      `components = ${JSON.stringify(components)}`,
      `[shared.allow]\nfilesystem.read = ["${allow}"]`,
      ...(deny === '' ? [] : [`[shared.deny]\nfilesystem.read = ["${deny}"]`]),
      '',
    ].join('\n')

  it('is in force while all of them are in: over a restart of one, and no longer than the quarantine of one', async () => {
    for (const name of ['team/a', 'team/secret', 'ghost/b']) world.write(`data/${name}`, name)
    world.write('own.policy.toml', own)
    world.write('team.policy.toml', shared(['one', 'two', 'liar'], '/data/team/**', '/data/team/secret'))
    world.write('ghost.policy.toml', shared(['one', 'absent'], '/data/ghost/**'))
    world.tree(
      {
        one: member,
        two: member,
        liar: {
          component: guestFile('forged-handle-never'),
          grants: ['filesystem.read = ["/d"]'],
          mounts: { '/d': '"data"' },
          lines: ['policy = "own.policy.toml"'],
          isPinned: false,
        },
      },
      [],
      ['[shared]\nteam = "team.policy.toml"\nghost = "ghost.policy.toml"'],
    )
    const session = await world.start()
    for (const child of ['one', 'two']) {
      expect(await session.ask(child, readFile('/data/team/a'))).toEqual({ value: 'team/a' })
      expect(await session.ask(child, readFile('/data/team/secret'))).toEqual(refused)
    }
    expect(await session.ask('one', readFile('/data/ghost/b'))).toEqual(refused)
    const spinning = session.tell(
      'one',
      'open("/data/team/a").close()\nprint("spinning", flush=True)\nn = 1\nwhile True:\n  try: open("/data/team/a").close(); n += 1\n  except OSError: break\n_ = n',
    )
    await session.until(() => session.output('one').includes('spinning'))
    session.tell('two', 'os._exit(0)')
    await session.until(() =>
      session.events.some(
        ({ type, child, incarnation }) => type === 'child.ready' && child === 'two' && incarnation === 2,
      ),
    )
    expect(session.output('one')).not.toContain(`[${spinning}, `)
    await session.runtime.approvals.approve('liar')
    await session.event('child.quarantined', 'liar')
    const { value } = await session.answer('one', spinning)
    expect(value).toBeGreaterThan(0)
    expect(await session.ask('one', readFile('/data/team/a'))).toEqual(refused)
    expect((await session.runtime.policy.explain('two', 'filesystem.read=/data/team/a')).verdict).toBe('denied')
  })
})
