import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Store } from '@bulkhead/state/store'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { bytes } from '../messages/message-tree.js'
import { type Supervised, startTree, type TreeLines, treeFolder, writeTree } from '../supervision/supervised-tree.js'

/** A tree that runs, and a way to write other words into its file. */
async function start(children: Readonly<Record<string, Supervised>>, lines: TreeLines = {}) {
  const folder = treeFolder()
  const tree = await startTree(folder, children, lines)
  const write = (next: Readonly<Record<string, Supervised>>, nextLines: TreeLines = lines): string =>
    writeTree(folder, next, nextLines)
  return { folder, write, ...tree }
}

const twoOf = { a: {}, b: {} }

describe('a reload', () => {
  it('launders nobody: who was quarantined is so under its name, also with another component and after it was gone', async () => {
    const guilty = {
      ...{ guest: 'forged-handle-never', grants: ['filesystem.read = ["/d"]'] },
      entry: 'mounts = { "/d" = "." }',
    }
    const { runtime, write, saw } = await start({ a: guilty, b: {} })
    await saw('a', 'child.quarantined')
    const state = (): unknown => runtime.children().find(({ id }) => id === 'a')?.state
    await expect.poll(state, { timeout: 20_000 }).toBe('quarantined')
    write({ a: { guest: 'hello' }, b: {} })
    expect((await runtime.reload()).changed).toMatchObject([{ child: 'a', how: 'restarted' }])
    expect(state()).toBe('quarantined')
    write({ b: {} })
    expect((await runtime.reload()).removed).toEqual(['a'])
    write({ a: {}, b: {} })
    expect((await runtime.reload()).added).toMatchObject([{ child: 'a' }])
    await expect.poll(state, { timeout: 20_000 }).toBe('quarantined')
    await runtime.release('a', 'another program')
    await expect.poll(state, { timeout: 20_000 }).toBe('running')
  }, 90_000)

  it('of the same file changes nothing and touches nobody', async () => {
    const { runtime, tell, report } = await start(twoOf)
    expect(await tell('a', 'count')).toBe('1')
    expect(await runtime.reload()).toEqual({
      ...{ outcome: 'applied', added: [], removed: [], changed: [], around: [], needsRestart: [] },
      unchanged: ['a', 'b'],
    })
    expect(await tell('a', 'count')).toBe('2')
    expect(report('a').incarnation).toBe(1)
  }, 60_000)

  it('starts what is new, ends what is gone, in the order of the file, and tells of it', async () => {
    const { runtime, write, tell, report, events } = await start(twoOf)
    write({ c: {}, b: {}, d: {} })
    const { outcome, added, removed, unchanged } = await runtime.reload()
    expect({ outcome, added, removed, unchanged }).toEqual({
      ...{ outcome: 'applied', added: [{ child: 'c' }, { child: 'd' }], removed: ['a'], unchanged: ['b'] },
    })
    expect(runtime.children().map(({ id }) => id)).toEqual(['c', 'b', 'd'])
    expect(await tell('c', 'count')).toBe('1')
    expect(await tell('d', 'count')).toBe('1')
    expect(report('b').incarnation).toBe(1)
    await expect(runtime.request('a.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
    await expect(runtime.policy.show('a')).rejects.toMatchObject({ code: 'usage' })
    expect(events.find(({ type }) => type === 'tree.reloaded')?.reason).toBe('2 added, 1 removed, 1 as they were')
    const ready = events.filter(({ type }) => type === 'child.ready').map(({ child }) => child)
    expect(ready).toEqual(['a', 'b', 'c', 'd'])
    // And back again, under its own name.
    write(twoOf)
    expect(await runtime.reload()).toMatchObject({ added: [{ child: 'a' }], removed: ['c', 'd'] })
    expect(await tell('a', 'count')).toBe('1')
  }, 90_000)

  it('that puts others into the place of all children does not take the tree for over', async () => {
    const { runtime, write, tell } = await start({ a: {} })
    let isOver = false
    void runtime.settled.then(() => {
      isOver = true
    })
    write({ c: {} })
    expect(await runtime.reload()).toMatchObject({ added: [{ child: 'c' }], removed: ['a'] })
    expect(await tell('c', 'count')).toBe('1')
    expect(isOver).toBe(false)
  }, 60_000)

  it.each([
    ['args', 'args = ["other"]'],
    ['env', 'env = { COLOUR = "red" }'],
    ['config', 'config = { region = "eu" }'],
    ['mounts', 'mounts = { "/d" = "." }'],
  ])(
    'restarts a child whose `%s` is another, with its mailbox',
    async (key, entry) => {
      const { runtime, write, tell, report } = await start(twoOf)
      await tell('a', 'count')
      write({ a: { entry }, b: {} })
      expect(await runtime.reload({ dryRun: true })).toMatchObject({ outcome: 'planned', changed: [{ child: 'a' }] })
      expect(await tell('a', 'count')).toBe('2')
      const { changed, unchanged } = await runtime.reload()
      expect(changed).toEqual([{ child: 'a', what: [key], how: 'restarted' }])
      expect(unchanged).toEqual(['b'])
      expect(await tell('a', 'count')).toBe('1')
      expect(report('a')).toMatchObject({ state: 'running', incarnation: 2, restartsLeft: 3, score: 0 })
      expect(report('b').incarnation).toBe(1)
      expect(await runtime.reload()).toMatchObject({ changed: [] })
    },
    90_000,
  )

  it.each([
    [['restart'], 'restart = "transient"'],
    [['shutdown'], 'shutdown = "1s"'],
    [['trusted_escalates'], 'trusted_escalates = false'],
    [['deadline'], 'deadline = "7s"'],
    [['quotas'], 'quotas = { messages = "7/s" }'],
  ])(
    'changes %j while the child runs',
    async (what, entry) => {
      const { runtime, write, tell, report } = await start(twoOf)
      await tell('a', 'count')
      write({ a: { entry }, b: {} })
      expect((await runtime.reload()).changed).toEqual([{ child: 'a', what, how: 'in-place' }])
      expect(await tell('a', 'count')).toBe('2')
      expect(report('a').incarnation).toBe(1)
    },
    60_000,
  )

  it('puts a policy file that was written anew into force inside the running child', async () => {
    const optional = 'messaging.subscribe = ["a.do", { pattern = "b.do", optional = true }]'
    const { runtime, folder, write, tell, report } = await start({ a: { grants: [optional] } })
    write({ a: { grants: [optional], entry: 'policy = "a.policy.toml"' } })
    writeFileSync(join(folder, 'a.policy.toml'), '[allow]\nmessaging.subscribe = ["a.do"]\n')
    expect((await runtime.reload()).changed).toEqual([{ child: 'a', what: ['policy'], how: 'in-place' }])
    expect(await tell('a', 'count')).toBe('1')
    await expect(runtime.request('b.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
    writeFileSync(join(folder, 'a.policy.toml'), '[allow]\nmessaging.subscribe = ["a.do", "b.do"]\n')
    await runtime.reload()
    const answer = await runtime.request('b.do', bytes('count'))
    expect(Buffer.from(answer.body).toString()).toBe('2')
    expect(report('a').incarnation).toBe(1)
  }, 60_000)

  it('runs other bytes under the same path', async () => {
    const { runtime, folder, tell, report, write } = await start({
      a: { copiedFrom: guestFile('messages-operator') },
      b: {},
    })
    const file = join(folder, 'a.wasm')
    const padded = join(folder, 'padded.wasm')
    writeFileSync(padded, Buffer.concat([readFileSync(file), Buffer.from([0, 5, 1, 0x78, 1, 2, 3])]))
    write({ a: { copiedFrom: padded }, b: {} })
    const { changed } = await runtime.reload()
    expect(changed).toEqual([{ child: 'a', what: ['approved', 'component'], how: 'restarted' }])
    expect(await tell('a', 'count')).toBe('1')
    expect(report('a').incarnation).toBe(2)
    expect(report('b').incarnation).toBe(1)
  }, 60_000)

  it('changes what a supervisor does, and goes on with its children', async () => {
    const { runtime, write, report } = await start(twoOf)
    write(twoOf, { supervisor: 'intensity = { restarts = 0 }\nstrategy = "rest_for_one"' })
    expect((await runtime.reload()).around).toEqual([{ name: 'root', what: ['strategy', 'intensity'] }])
    expect(runtime.tree().strategy).toBe('rest_for_one')
    expect([report('a').incarnation, report('b').incarnation]).toEqual([1, 1])
  }, 60_000)

  it('adds a child that nobody approved as one that waits', async () => {
    const { runtime, folder, report } = await start({ a: {} })
    const file = join(folder, 'bulkhead.toml')
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}\n[children.stranger]\ncomponent = ${JSON.stringify(guestFile('hello'))}\n`,
    )
    const { added } = await runtime.reload()
    expect(added).toEqual([{ child: 'stranger', waits: expect.stringContaining('approval-required') }])
    expect(report('stranger').state).toBe('waiting')
    await runtime.approvals.approve('stranger', { reason: 'seen' })
    await vi.waitFor(() => expect(report('stranger').state).toBe('completed'), 30_000)
  }, 60_000)
})

describe('a reload that cannot be', () => {
  it('changes nothing, and has all errors', async () => {
    const { runtime, write, folder, tell, report, events } = await start(twoOf)
    write({ b: {}, c: { guest: 'hello', entry: 'instances = 2' } })
    const file = join(folder, 'bulkhead.toml')
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}\n[children.d]\ncomponent = "./nowhere.wasm"\n[children.e]\ncomponent = "./junk.wasm"\n`,
    )
    writeFileSync(join(folder, 'junk.wasm'), 'this is no component')
    const first = await runtime.reload().catch((thrown) => thrown)
    expect(first).toMatchObject({ code: 'document-invalid' })
    expect(first.message).toContain('nowhere.wasm')
    writeFileSync(file, readFileSync(file, 'utf8').replace('./nowhere.wasm', './junk.wasm'))
    const second = await runtime.reload().catch((thrown) => thrown)
    expect(second.findings).toHaveLength(3)
    expect(second.message).toContain('2 instances')
    expect(await tell('a', 'count')).toBe('1')
    expect(await tell('b', 'count')).toBe('1')
    expect([report('a').incarnation, report('b').incarnation]).toEqual([1, 1])
    expect(events.filter(({ type }) => type === 'tree.rejected')).toHaveLength(2)
    write({ a: {}, b: {}, c: {} })
    expect(await runtime.reload()).toMatchObject({ outcome: 'applied', added: [{ child: 'c' }] })
  }, 60_000)

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['is half written', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -7))],
    ['is empty', (file: string) => writeFileSync(file, '')],
    ['is not text', (file: string) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0, 1]))],
    ['names an unknown key', (file: string) => writeFileSync(file, `nonsense = 1\n${readFileSync(file, 'utf8')}`)],
  ])(
    'because the file %s',
    async (_, spoil) => {
      const { runtime, folder, tell, report } = await start({ a: {} })
      spoil(join(folder, 'bulkhead.toml'))
      await expect(runtime.reload()).rejects.toMatchObject({ code: 'document-invalid' })
      expect(await tell('a', 'count')).toBe('1')
      expect(report('a').incarnation).toBe(1)
    },
    60_000,
  )

  it('because a policy is none leaves the one in force', async () => {
    const { runtime, folder, tell } = await start({ a: {} })
    const file = join(folder, 'bulkhead.toml')
    writeFileSync(join(folder, 'a.policy.toml'), '[allow]\nnonsense.read = ["x"]\n')
    writeFileSync(file, `${readFileSync(file, 'utf8')}policy = "a.policy.toml"\n`)
    await expect(runtime.reload()).rejects.toThrow('nonsense')
    expect(await tell('a', 'count')).toBe('1')
  }, 60_000)

  it.each([
    ['state', { top: 'state = "elsewhere"' }, {}],
    ['time_scale', { top: 'time_scale = 7' }, {}],
    ['a: delivery', {}, { entry: 'delivery = "redeliver"' }],
    ['a: lifetime', {}, { entry: 'lifetime = "idle 9s"' }],
    ['a: instances', {}, { entry: 'instances = 2' }],
    ['supervisor root: profile', { supervisor: 'profile = "otp"' }, {}],
    ['a: whether its component handles messages', {}, { guest: 'hello' }],
  ] as const)(
    'because of `%s` names it, and does nothing else of it',
    async (key, lines, a) => {
      const { runtime, write, tell, report } = await start({ a: {} })
      write({ a, c: {} }, lines)
      const { outcome, needsRestart } = await runtime.reload()
      expect(outcome).toBe('needs-restart')
      expect(needsRestart.map((one) => one.key)).toEqual([key])
      expect(needsRestart[0]?.where).toMatch(/bulkhead\.toml:\d+:\d+$/)
      expect(await tell('a', 'count')).toBe('1')
      expect(report('a').incarnation).toBe(1)
      expect(runtime.children()).toHaveLength(1)
    },
    60_000,
  )

  it('that was torn by a disk that refuses says so, and no later one takes it for whole', async () => {
    const { runtime, write, folder } = await start({ a: {}, b: {}, gone: {} })
    const policed = (child: string) => ({ entry: `policy = "${child}.policy.toml"` })
    for (const child of ['a', 'b']) {
      writeFileSync(join(folder, `${child}.policy.toml`), `[allow]\nmessaging.subscribe = ["${child}.do"]\n`)
    }
    write({ a: policed('a'), b: policed('b') })
    // What is decided about the first is in force when the disk takes nothing more.
    const disk = vi.spyOn(Store.prototype, 'transact')
    onTestFinished(() => disk.mockRestore())
    runtime.on('health', ({ type, child }) => {
      if (child === 'a' && type === 'policy.updated') disk.mockRejectedValue(new Error('no space left on device'))
    })
    const torn = { code: 'update-conflict', message: expect.stringContaining('only in part: no space left on device') }
    await expect(runtime.reload()).rejects.toMatchObject(torn)
    disk.mockRestore()
    expect(runtime.children().map(({ id }) => id)).toContain('gone')
    await expect(runtime.reload()).rejects.toMatchObject(torn)
    await expect(runtime.reload({ dryRun: true })).rejects.toMatchObject(torn)
  }, 60_000)

  it('because a call has taken the name', async () => {
    const { runtime, write } = await start({ a: {} })
    await runtime.startChild('root', { id: 'c', component: guestFile('messages-operator') })
    write({ a: {}, c: {} })
    await expect(runtime.reload()).rejects.toThrow('the name `c` is taken')
  }, 60_000)

  it('because the tree is being stopped', async () => {
    const { runtime } = await start({ a: {} })
    const stopped = runtime.stop()
    await expect(runtime.reload()).rejects.toMatchObject({ code: 'actor-not-running' })
    await stopped
  }, 60_000)
})

it('loses nothing that was acknowledged while the tree is reloaded again and again', async () => {
  const { runtime, write, tell, report } = await start(twoOf)
  let sent = 0
  let isOver = false
  const traffic = (async () => {
    while (!isOver) {
      await tell('b', 'count')
      sent++
    }
  })()
  const reloads: Promise<unknown>[] = []
  for (let n = 0; n < 20; n++) {
    write({ a: { entry: `env = { TURN = "${n}" }` }, b: {}, ...(n % 2 === 0 ? { c: {} } : {}) })
    reloads.push(runtime.reload())
    if (n % 5 === 4) await Promise.all(reloads)
  }
  await Promise.all(reloads)
  isOver = true
  await traffic
  expect(sent).toBeGreaterThan(0)
  expect(await tell('b', 'count')).toBe(String(sent + 1))
  expect(report('b').incarnation).toBe(1)
  expect(report('a').state).toBe('running')
}, 120_000)

describe('below another supervisor', () => {
  const nested = (folder: string, lines: string, more = ''): void => {
    const file = join(folder, 'bulkhead.toml')
    const head = '[supervisors.line]\nstrategy = "rest_for_one"\n'
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n${head}${lines}\n${more}`)
  }
  const inLine = (id: string, entry = ''): string =>
    [
      `[supervisors.line.children.${id}]`,
      `component = ${JSON.stringify(guestFile('messages-operator'))}`,
      `manifest = "${id}.component.toml"`,
      pinned(guestFile('messages-operator'), manifestOf(id)),
      entry,
      '',
    ].join('\n')
  const manifestOf = (id: string): string =>
    `[component]\nid = "${id}"\nversion = "1.0.0"\n[capabilities]\nmessaging.subscribe = ["${id}.do"]\n`

  it('children come, go and change like any other, and come back with their supervisor', async () => {
    const { runtime, folder, write } = await start({ a: {} })
    for (const id of ['x', 'y', 'z']) writeFileSync(join(folder, `${id}.component.toml`), manifestOf(id))
    nested(folder, inLine('x'))
    expect(await runtime.reload()).toMatchObject({
      outcome: 'needs-restart',
      needsRestart: [{ key: 'supervisor line: it is new' }],
    })
    expect(runtime.children()).toHaveLength(1)
    await runtime.stop()

    const again = await createTestRuntime({ tree: join(folder, 'bulkhead.toml') })
    onTestFinished(async () => void (await again.stop()))
    const ask = async (id: string): Promise<string> =>
      Buffer.from((await again.request(`${id}.do`, bytes('count'))).body).toString()
    expect(await ask('x')).toBe('1')
    write({ a: {} })
    nested(folder, inLine('y') + inLine('x', 'shutdown = "1s"'))
    expect(await again.reload()).toMatchObject({
      outcome: 'applied',
      added: [{ child: 'y' }],
      changed: [{ child: 'x', what: ['shutdown'], how: 'in-place' }],
      unchanged: ['a'],
    })
    expect(await ask('x')).toBe('2')
    expect(await ask('y')).toBe('1')
    write({ a: {} })
    nested(folder, inLine('z') + inLine('x', 'args = ["other"]'))
    expect(await again.reload()).toMatchObject({
      removed: ['y'],
      added: [{ child: 'z' }],
      changed: [{ how: 'restarted' }],
    })
    expect(await ask('x')).toBe('1')
    expect(again.children().map(({ id }) => id)).toEqual(['a', 'z', 'x'])
    expect(again.children().every(({ state }) => state === 'running')).toBe(true)
    write({ a: {} })
    nested(folder, inLine('x', 'args = ["other"]'), '')
    writeFileSync(
      join(folder, 'bulkhead.toml'),
      readFileSync(join(folder, 'bulkhead.toml'), 'utf8').replace('rest_for_one', 'one_for_all'),
    )
    expect((await again.reload()).around).toEqual([{ name: 'line', what: ['strategy', 'members'] }])
    expect(await ask('x')).toBe('2')
    // A name that was one supervisor's does not become another one's while the tree runs.
    write({ a: {}, z: {} })
    nested(folder, inLine('x', 'args = ["other"]'))
    expect(await again.reload()).toMatchObject({
      outcome: 'needs-restart',
      needsRestart: expect.arrayContaining([expect.objectContaining({ key: 'z: its supervisor' })]),
    })
  }, 90_000)
})
