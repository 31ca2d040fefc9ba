// Components that nobody has decided about, and decisions that hold for exactly what was decided about (SPEC 6).
import { mkdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../support/pinned.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import { startProcess } from './process.js'
import { type ChildSpec, readFile, untilRefused, World } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const hello = { component: guestFile('hello'), grants: [] }
const unknown = { ...hello, isPinned: false }

describe('a component that nobody knows', () => {
  it('waits, its siblings start; approved it starts, and stays approved', async () => {
    world.tree({ stranger: unknown, known: hello })
    let session = await world.start()
    await session.reaches('known', 'completed')
    expect(session.state('stranger')).toBe('waiting')
    expect(session.reason('stranger')).toBe('approval-required')
    const waiting = await session.event('child.waiting', 'stranger')
    expect(waiting.reason).toContain('bulkhead approve stranger')
    expect((await session.runtime.approvals.list()).map(({ child }) => child)).toEqual(['stranger'])
    const decided = await session.runtime.approvals.approve('stranger', { author: 'ana', reason: 'looked at' })
    expect(decided).toMatchObject({ decision: 'approved', child: 'stranger' })
    await session.reaches('stranger', 'completed')
    expect(session.output('stranger')).toBe('hello\n')
    session = await world.restart()
    await session.reaches('stranger', 'completed')
    expect(session.events.some(({ type }) => type === 'approval.requested')).toBe(false)
    expect((await world.audit({ event: 'approval-decided' })).map(({ reason }) => reason)).toEqual([
      'approved by ana: looked at',
    ])
  })

  it('stays denied over a restart, until it is approved', async () => {
    world.tree({ stranger: unknown })
    let session = await world.start()
    await session.runtime.approvals.deny('stranger', { reason: 'never heard of it' })
    await session.until(() => session.reason('stranger') === 'approval-denied', 'the denial')
    session = await world.restart()
    expect(session.reason('stranger')).toBe('approval-denied')
    expect(session.output('stranger')).toBe('')
    expect(await session.runtime.approvals.list()).toEqual([])
    await session.runtime.approvals.approve('stranger')
    await session.reaches('stranger', 'completed')
  })

  it('gets what a reviewer left of its request; a denial takes the rest from it while it runs', async () => {
    const all = ['filesystem.read = [{ pattern = "/data/**", optional = true }]']
    world.tree({ narrowed: { grants: all, mounts: { '/data': '"data"' }, isPinned: false } })
    world.write('data/a', 'A')
    world.write('data/b', 'B')
    const session = await world.start()
    const { approvals } = session.runtime
    await expect(approvals.approve('narrowed', { narrow: ['filesystem.write=/data/a'] })).rejects.toMatchObject({
      code: 'grant-refused',
    })
    await approvals.approve('narrowed', { narrow: ['filesystem.read=/data/a', 'filesystem.read=/ctl/**'] })
    expect(await session.ask('narrowed', readFile('/data/a'))).toEqual({ value: 'A' })
    expect(await session.ask('narrowed', readFile('/data/b'))).toEqual({ errno: 'EACCES' })
    expect(await session.refusal('narrowed', '/data/b')).toMatchObject({ layer: 'approval' })
    const told = session.tell('narrowed', untilRefused('open("/data/a").close()'))
    await session.until(() => session.output('narrowed', 'stderr').includes('at it'))
    const { bound } = await approvals.deny('narrowed', { reason: 'changed my mind' })
    expect(bound).toMatchObject({ child: 'narrowed', within: 'running' })
    expect(await session.answer('narrowed', told)).toEqual({ value: 'refused' })
    expect(session.state('narrowed')).toBe('running')
  })
})

describe('what is another request asks again', () => {
  const base: ChildSpec = { ...unknown, mounts: { '/data': '"one"' }, lines: ['inherit = ["TZ"]'] }
  const changes: Readonly<Record<string, ChildSpec>> = {
    'another host path': { ...base, mounts: { '/data': '"two"' } },
    'another mode': { ...base, mounts: { '/data': '{ host = "one", mode = "write" }' } },
    'another variable of the host': { ...base, lines: ['inherit = ["TZ", "LANG"]'] },
    'another word in the manifest': { ...base, manifestLines: ['# other'] },
    'another component': { ...base, component: guestFile('exit-code') },
  }

  it('a component, its manifest, its mounts and inherited variables; and the old one is approved still', async () => {
    for (const name of ['one', 'two']) mkdirSync(world.path(name))
    const before = { ...base, mounts: { '/data': '{ host = "one", mode = "read" }' } }
    world.tree({ child: before })
    let session = await world.start()
    await session.runtime.approvals.approve('child')
    await session.reaches('child', 'completed')
    for (const [what, changed] of Object.entries(changes)) {
      world.tree({ child: changed })
      session = await world.restart()
      expect(session.reason('child'), what).toBe('approval-required')
      expect((await session.runtime.approvals.review('child')).request.changes, what).toBeDefined()
    }
    world.tree({ child: before })
    session = await world.restart()
    await session.reaches('child', 'completed')
    expect(await session.runtime.approvals.list()).toEqual([])
  })

  it('while it is under review: what the reviewer saw can no longer be approved', async () => {
    mkdirSync(world.path('one'))
    world.tree({ child: { ...unknown } })
    let session = await world.start()
    const seen = await session.runtime.approvals.review('child', { author: 'ana' })
    expect(seen).toMatchObject({ state: 'reviewing', reviewer: 'ana' })
    world.tree({ child: { ...unknown, mounts: { '/data': '"one"' } } })
    session = await world.restart()
    const { approvals } = session.runtime
    await expect(approvals.approve('child', { fingerprint: seen.request.fingerprint })).rejects.toMatchObject({
      code: 'update-conflict',
    })
    expect(session.state('child')).toBe('waiting')
    const now = await approvals.review('child')
    await approvals.approve('child', { fingerprint: now.request.fingerprint })
    await session.reaches('child', 'completed')
  })
})

it('a decision that was acknowledged outlives a kill of the process right after it', async () => {
  world.tree({ stranger: unknown })
  world.write('bulkhead.toml', `${readFileSync(world.path('bulkhead.toml'), 'utf8')}restart = "permanent"\n`)
  const process = await startProcess(world)
  await process.desk.request('approve', { child: 'stranger', author: 'ana', reason: '' })
  expect(await process.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
  const session = await world.start()
  await session.event('child.ready', 'stranger')
  const [decision] = (await session.runtime.approvals.review('stranger')).history
  expect(decision).toMatchObject({ verdict: 'approved', reviewer: 'ana' })
})

describe('approved in the tree entry', () => {
  const manifest = (): string => readFileSync(world.path('child.component.toml'), 'utf8')

  it('starts with exactly these digests; one digit off it waits, and with another manifest', async () => {
    world.tree({ child: hello })
    let session = await world.start()
    await session.reaches('child', 'completed')

    const tree = readFileSync(world.path('bulkhead.toml'), 'utf8')
    const digest = digestOf(readFileSync(hello.component))
    const other = digest.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    world.write('bulkhead.toml', tree.replace(digest, other))
    session = await world.restart()
    expect(session.reason('child')).toBe('approval-required')

    world.write('bulkhead.toml', tree)
    world.write('child.component.toml', `${manifest()}# edited\n`)
    session = await world.restart()
    expect(session.reason('child')).toBe('approval-required')

    world.write('bulkhead.toml', tree.replace(/,"sha256:[^"]*"\]/, `,"${digestOf(manifest())}"]`))
    session = await world.restart()
    await session.reaches('child', 'completed')
  })
})
