// Policies of real children: documents of both formats, versions, ways back, and what is in force when one is not valid.
import { readFileSync } from 'node:fs'
import { generateKeyPair, parsePrivateKey, signComponent, signPolicy } from '@bulkhead/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../support/pinned.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import { readFile, type Session, World, writeFile } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const all = ['read', 'write', 'create', 'delete'].map(
  (action) => `filesystem.${action} = [{ pattern = "/data/**", optional = true }]`,
)
const mounts = { '/data': '{ host = "data", mode = "write" }' }
const named = (file: string) => ({ grants: all, mounts, lines: [`policy = "${file}"`] })
const refused = { errno: 'EACCES' }

const native = (...allow: readonly string[]): string =>
  `[allow]\nfilesystem.read = ${JSON.stringify(['/ctl/**', ...allow])}\n`
const document = (text: string, file = 'handed-in.policy.toml') => ({ text, file })

describe('a policy that the tree names', () => {
  it('means what it says, native or Wassette: what it allows, what it denies, what it leaves out', async () => {
    for (const name of ['in/a', 'in/secret/b', 'out/c']) world.write(`data/${name}`, name)
    world.write('own.policy.toml', `${native('/data/in/**')}[deny]\nfilesystem.read = ["/data/in/secret/**"]\n`)
    const yaml = [
      'version: "1.0"',
      'permissions:',
      '  storage:',
      '    allow:',
      '      - { uri: "fs:///ctl/**", access: ["read"] }',
      '      - { uri: "fs:///data/in/**", access: ["read"] }',
      '    deny:',
      '      - { uri: "fs:///data/in/secret/**", access: ["read"] }',
      '  environment: { allow: [{ key: "MODE" }] }',
    ]
    world.write('theirs.policy.yaml', `${yaml.join('\n')}\n`)
    const environment = ['environment.read = [{ pattern = "*", optional = true }]']
    const theirs = named('theirs.policy.yaml')
    world.tree({
      own: named('own.policy.toml'),
      theirs: {
        ...theirs,
        grants: [...all, ...environment],
        lines: [...theirs.lines, 'env = { MODE = "fast", OTHER = "hidden" }'],
      },
    })
    const session = await world.start()
    for (const child of ['own', 'theirs']) {
      expect(await session.ask(child, readFile('/data/in/a')), child).toEqual({ value: 'in/a' })
      expect(await session.ask(child, readFile('/data/in/secret/b')), child).toEqual(refused)
      expect(await session.ask(child, readFile('/data/out/c')), child).toEqual(refused)
      expect(await session.refusal(child, '/data/in/secret/b')).toMatchObject({ layer: 'deny' })
      expect(await session.refusal(child, '/data/out/c')).toMatchObject({ layer: 'policy' })
    }
    expect(await session.ask('theirs', '_ = dict(os.environ)')).toEqual({ value: { MODE: 'fast' } })
    expect((await session.runtime.policy.show('theirs')).policy).toMatchObject({ version: 1 })
  })

  it('that is broken denies everything until a good one comes; who needs nothing runs all the same', async () => {
    world.write('data/a', 'A')
    world.write('broken.policy.toml', '[allow]\nfilesystem.raed = ["/data/**"]\n')
    world.write('no-text.policy.toml', new Uint8Array([0x5b, 0x61, 0xff, 0x5d]))
    const needy = { component: guestFile('hello'), grants: ['filesystem.read = ["/data/**"]'], mounts }
    world.tree({
      agent: named('broken.policy.toml'),
      needy: { ...needy, lines: ['policy = "no-text.policy.toml"'] },
      gone: { ...needy, lines: ['policy = "gone.policy.toml"'] },
      modest: { ...needy, grants: [], lines: ['policy = "broken.policy.toml"'] },
    })
    let session = await world.start()
    await session.reaches('modest', 'completed')
    for (const child of ['agent', 'needy', 'gone']) expect(session.reason(child), child).toBe('capability-required')
    const rejected = await session.event('policy.rejected', 'agent')
    expect(rejected.reason).toMatch(/raed.*everything is denied/s)
    expect(session.events.filter(({ type, child }) => type === 'policy.rejected' && child === 'agent')).toHaveLength(1)
    const records = await world.audit({ event: 'policy-rejected' })
    expect(records.map(({ component }) => component)).toEqual(
      ['agent', 'needy', 'gone', 'modest'].map((child) => `component:${child}`),
    )
    const { policy } = session.runtime
    expect((await policy.explain('agent', 'filesystem.read=/data/a')).verdict).toBe('denied')
    const { bound } = await policy.update('agent', document(native('/data/**')))
    expect(bound).toMatchObject([{ child: 'agent', within: 'starting' }])
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'A' })

    // The file is as broken as before: it is what the next start reads.
    session = await world.restart()
    expect(session.reason('agent')).toBe('capability-required')
    world.write('broken.policy.toml', native('/data/**'))
    session = await world.restart()
    await session.event('child.ready', 'agent')
  })
})

describe('the versions of a policy', () => {
  it('an update that fails leaves the old one; a rollback binds; what was revoked stays so until the file changes', async () => {
    for (const name of ['a', 'b']) world.write(`data/${name}`, name)
    world.write('agent.policy.toml', native('/data/a', '/data/b'))
    world.tree({ agent: named('agent.policy.toml') })
    let session = await world.start()
    const [a, b] = [readFile('/data/a'), readFile('/data/b')]
    expect(await session.ask('agent', a)).toEqual({ value: 'a' })
    let { policy, revoke } = session.runtime
    for (const [text, code] of [
      ['[allow]\nfilesystem.read = ["relative"]\n', 'policy-validation-failed'],
      ['allow = [', 'policy-invalid-format'],
      [`${'#'.repeat(262_144)}\n`, 'policy-invalid-format'],
      ['[shared]\ncomponents = ["agent"]\n', 'policy-validation-failed'],
    ] as const) {
      await expect(policy.update('agent', document(text)), text.slice(0, 20)).rejects.toMatchObject({ code })
    }
    await expect(policy.update('agent', { ...document(native()), expected: 7 })).rejects.toMatchObject({
      code: 'update-conflict',
    })
    expect(await session.ask('agent', a)).toEqual({ value: 'a' })
    expect(policy.history('agent').map(({ version }) => version)).toEqual([1])

    const updated = await policy.update('agent', document(native('/data/b')), { author: 'ana', reason: 'less' })
    expect(updated).toMatchObject({ version: 2, changed: true, bound: [{ within: 'running', stuck: false }] })
    expect(await session.ask('agent', a)).toEqual(refused)
    expect(await policy.rollback('agent', 1)).toMatchObject({ version: 3 })
    expect(await session.ask('agent', a)).toEqual({ value: 'a' })
    expect(await revoke('agent', 'filesystem.read=/data/a')).toMatchObject({
      how: ['policy version without it'],
      policyVersion: 4,
    })
    expect(await session.ask('agent', a)).toEqual(refused)
    expect(await session.ask('agent', b)).toEqual({ value: 'b' })
    const changes = [{ change: 'removed', section: 'allow', text: 'filesystem.read=/data/a' }]
    expect(await policy.diff('agent')).toMatchObject({ from: 'version 3', to: 'version 4', changes })

    session.forgetOrders('agent')
    session = await world.restart()
    expect(await session.ask('agent', a)).toEqual(refused)
    expect(await session.ask('agent', b)).toEqual({ value: 'b' })

    world.write('agent.policy.toml', native('/data/a'))
    session.forgetOrders('agent')
    session = await world.restart()
    policy = session.runtime.policy
    expect(await session.ask('agent', a)).toEqual({ value: 'a' })
    expect(await session.ask('agent', b)).toEqual(refused)
    const superseded = await session.event('policy.updated', 'agent')
    expect(superseded.reason).toMatch(/version 5, from .*agent.policy.toml, which has changed; it replaces version 4/)
    const events = (await world.audit())
      .map(({ event }) => event)
      .filter((event) => /^policy-(up|roll|rej)/.test(event))
    expect(events).toEqual([
      'policy-updated',
      ...Array(5).fill('policy-rejected'),
      ...['policy-updated', 'policy-rolled-back', 'policy-updated', 'policy-updated'],
    ])
  })

  it('of thirty changes at once none is lost', async () => {
    world.write('data/kept', '')
    world.write('agent.policy.toml', native('/data/kept'))
    world.tree({ agent: named('agent.policy.toml') })
    const session = await world.start()
    const { grant, revoke, grants, policy } = session.runtime
    const ten = Array.from({ length: 10 }, (_, index) => index)
    await Promise.all(ten.map((index) => grant('agent', `filesystem.read=/data/old-${index}`)))
    const outcomes = await Promise.all([
      ...ten.map((index) => grant('agent', `filesystem.read=/data/new-${index}`)),
      ...ten.map((index) => revoke('agent', `filesystem.read=/data/old-${index}`)),
      ...ten.map((index) => policy.update('agent', document(native(`/data/version-${index}`)))),
    ])
    expect(outcomes).toHaveLength(30)
    const left = grants('agent').map(({ pattern }) => pattern)
    expect(left.toSorted()).toEqual(ten.map((index) => `/data/new-${index}`))
    expect(policy.history('agent').map(({ version }) => version)).toEqual([...ten.map((index) => 11 - index), 1])
    const texts = policy
      .history('agent')
      .slice(0, 10)
      .map(({ version }) => policy.text('agent', version).text)
    expect(new Set(texts).size).toBe(10)
    const { granted } = await policy.show('agent')
    expect(granted.filter(({ operator }) => operator !== undefined)).toHaveLength(10)
    expect((await world.audit({ event: 'permission-granted' })).length).toBe(20)
  })

  it('of a kind go by what a component exports, whatever its author calls it', async () => {
    world.write('data/a', 'a')
    world.tree({ plain: { grants: all, mounts, isPinned: false } })
    const manifest = readFileSync(world.path('plain.component.toml'), 'utf8')
    world.write('plain.component.toml', manifest.replace('[capabilities]', 'kind = "service"\n[capabilities]'))
    const session = await world.start()
    await session.runtime.policy.setDefault('command', document(native()))
    expect((await session.runtime.policy.show('plain')).policy).toMatchObject({ key: 'default:command' })
    await session.runtime.approvals.approve('plain')
    expect(await session.ask('plain', readFile('/data/a'))).toEqual(refused)
  })

  it('of a kind stand in for children that have none of their own', async () => {
    world.write('data/a', 'a')
    world.write('own.policy.toml', native('/data/a'))
    world.tree({ plain: { grants: all, mounts }, own: named('own.policy.toml') })
    let session = await world.start()
    const a = readFile('/data/a')
    expect(await session.ask('plain', a)).toEqual({ value: 'a' })
    const set = await session.runtime.policy.setDefault('command', document(native()))
    expect(set.bound).toMatchObject([{ child: 'plain', within: 'running' }])
    expect(await session.ask('plain', a)).toEqual(refused)
    expect(await session.ask('own', a)).toEqual({ value: 'a' })
    expect((await session.runtime.policy.show('plain')).policy).toMatchObject({ key: 'default:command' })
    for (const child of ['plain', 'own']) session.forgetOrders(child)
    session = await world.restart()
    expect(await session.ask('plain', a)).toEqual(refused)
  })
})

describe('a signed policy', () => {
  const signer = parsePrivateKey(generateKeyPair('ed25519').privateKeyPem)
  const trust = (more = '') => `${more}[[sources]]\ntype = "signing-key"\npublic_key = "${signer.publicKey.text}"\n`
  const day = 86_400_000
  const signed = (text: string, sequence: number, more: { component?: string; notAfter?: number } = {}) =>
    signPolicy(new TextEncoder().encode(text), {
      ...{ component: 'agent', sequence, notBefore: Date.now() - 2 * day, notAfter: Date.now() + day },
      ...{ privateKey: signer, ...more },
    })

  it("counts up; a replay, another child's, an expired one and a changed byte are refused", async () => {
    world.write('trust.toml', trust())
    world.write('data/a', 'a')
    world.tree({ agent: { grants: all, mounts } }, ['trust = "trust.toml"'])
    const session = await world.start()
    const { policy } = session.runtime
    const [narrow, wide] = [native(), native('/data/**')]
    const first = await signed(wide, 4)
    await policy.update('agent', { ...document(wide), signature: first })
    await policy.update('agent', { ...document(narrow), signature: await signed(narrow, 5) })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
    for (const [signature, code] of [
      [first, 'policy-replayed'],
      [await signed(wide, 6, { component: 'other' }), 'signature-invalid'],
      [await signed(wide, 6, { notAfter: Date.now() - day }), 'signature-invalid'],
      [await signed(`${wide}#`, 6), 'signature-invalid'],
    ] as const) {
      await expect(policy.update('agent', { ...document(wide), signature })).rejects.toMatchObject({ code })
    }
    expect(await session.ask('agent', readFile('/data/a'))).toEqual(refused)
    // A local, audited act; the highest sequence stays.
    expect(await policy.rollback('agent', 1)).toMatchObject({ version: 3 })
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'a' })
    await expect(
      policy.update('agent', { ...document(narrow), signature: await signed(narrow, 4) }),
    ).rejects.toMatchObject({ code: 'policy-replayed' })
  })

  it('is wanted where signatures are required: beside the file and in each update; not for what an operator grants', async () => {
    const text = native('/data/**')
    world.write('agent.policy.toml', text)
    world.write('trust.toml', trust())
    const component = world.write('app/hello.wasm', readFileSync(guestFile('hello')))
    const manifest = digestOf(world.manifest('agent', all))
    const token = await signComponent({ component: readFileSync(component), manifest, privateKey: signer })
    world.write('app/hello.wasm.sig', token)
    world.write('data/a', 'a')
    world.tree({ agent: { component, ...named('agent.policy.toml') } }, ['trust = "trust.toml"'])
    let session = await world.start()
    const isAllowed = async () =>
      (await session.runtime.policy.explain('agent', 'filesystem.read=/data/a')).verdict === 'granted'
    expect(await isAllowed()).toBe(true)

    // Accepted unsigned once, it is not in force where that is no longer accepted.
    world.write('trust.toml', trust('require_signatures = true\n'))
    session = await world.restart()
    await session.reaches('agent', 'completed')
    const { policy, grant, revoke, grants } = session.runtime
    expect((await policy.show('agent')).approval.reason).toContain('is not signed')
    expect(await isAllowed()).toBe(false)
    for (const refused of [policy.update('agent', document(text)), policy.rollback('agent', 1)]) {
      await expect(refused).rejects.toMatchObject({ code: 'signature-invalid' })
    }
    await policy.update('agent', { ...document(text), signature: await signed(text, 1) })
    expect(await isAllowed()).toBe(true)
    await grant('agent', 'environment.read=X')
    await expect(revoke('agent', 'filesystem.read=/data/**')).rejects.toMatchObject({ code: 'signature-invalid' })
    await revoke('agent', 'environment.read=X')
    expect(grants('agent')).toEqual([])
    expect(await isAllowed()).toBe(true)

    // A key that may speak for components only signs no policy any more.
    const attestor = `[[sources]]\ntype = "git"\nurl = "https://a.b/c"\nattestors = ["${signer.publicKey.text}"]\n`
    world.write('trust.toml', `require_signatures = true\n${attestor}`)
    expect((await policy.show('agent')).approval.reason).toContain('trusts no longer')
    expect(await isAllowed()).toBe(false)
  })

  it('beside its document refuses it when it does not verify, whether or not one is required', async () => {
    const text = native('/data/**')
    world.write('agent.policy.toml', text)
    world.write('agent.policy.toml.sig', await signed(`${text}#`, 1))
    world.write('trust.toml', trust())
    world.write('data/a', 'a')
    world.tree({ agent: named('agent.policy.toml') }, ['trust = "trust.toml"'])
    let session = await world.start()
    expect(session.reason('agent')).toBe('capability-required')
    world.write('agent.policy.toml.sig', await signed(text, 1))
    session = await world.restart()
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'a' })
    expect(session.runtime.policy.history('agent')[0]?.signature).toMatchObject({ sequence: 1 })
  })
})

it('limits of a policy bind: the size of files at once, the memory at the next start', async () => {
  world.write('data/a', '')
  const limits = (memory: string, size: string) =>
    `${native('/data/**')}filesystem.write = [{ pattern = "/data/**", max_file_size = "${size}" }]\n[limits]\nmemory = "${memory}"\n`
  world.write('agent.policy.toml', limits('48MiB', '1KiB'))
  world.tree({ agent: named('agent.policy.toml') })
  const session: Session = await world.start()
  const take = (mebibytes: number) => `_ = len(bytearray(${mebibytes} << 20))`
  expect(await session.ask('agent', writeFile('/data/a', 'x'.repeat(1_024)))).toEqual({ value: 'done' })
  expect(await session.ask('agent', writeFile('/data/a', 'x'.repeat(1_025)))).toEqual({ errno: 'EFBIG' })
  expect(readFileSync(world.path('data/a')).length).toBeLessThanOrEqual(1_024)
  expect(await session.ask('agent', take(16))).toEqual({ value: 16 << 20 })
  expect(await session.ask('agent', take(40))).toEqual({ errno: 'MEMORY' })
  await session.runtime.policy.update('agent', document(limits('96MiB', '4KiB')))
  expect(await session.ask('agent', writeFile('/data/a', 'x'.repeat(4_096)))).toEqual({ value: 'done' })
  await session.end('agent')
  expect(await session.ask('agent', take(40))).toEqual({ value: 40 << 20 })
})
