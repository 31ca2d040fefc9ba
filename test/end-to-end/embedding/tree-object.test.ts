// A host application that gives its tree as an object: the same tree, the same refusals, the same reload.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReloadOptions, Runtime, RuntimeOptions, TreeDocument } from 'bulkhead'
import { describe, expect, it, onTestFinished } from 'vitest'
import { digestOf } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { run } from '../command.js'

const callee = guestFile('calls-callee')
const hello = guestFile('hello')

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-embedding-')))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function start(options: RuntimeOptions): Promise<Runtime> {
  const runtime = await createTestRuntime(options)
  onTestFinished(async () => void (await runtime.stop()))
  return runtime
}

const child = (component: string) => ({ component, approved: [digestOf(readFileSync(component))] })
const treeOf = (...names: readonly string[]): TreeDocument => ({
  children: Object.fromEntries(names.map((name) => [name, child(callee)])),
})

/** Says hello to a child, and how often that was done to this instance of it. */
async function greeted(runtime: Runtime | undefined, name: string): Promise<unknown> {
  expect(await runtime?.call(name, 'greet', ['you'])).toBe('hello, you')
  return await runtime?.call(name, 'count')
}

describe('a tree that is given as an object', () => {
  it('starts, with its paths from the base, and is called', async () => {
    const base = folder()
    mkdirSync(join(base, 'guests'))
    writeFileSync(join(base, 'guests/callee.wasm'), readFileSync(callee))
    const entry = { ...child(callee), component: './guests/callee.wasm' }
    const runtime = await start({ tree: { children: { callee: entry } }, base })
    expect(await runtime.call('callee', 'greet', ['world'])).toBe('hello, world')
    expect(runtime.stateDirectory).toBe(join(base, '.bulkhead'))
  }, 60_000)

  it('is reloaded by the program that gave it, which says the next one; who stays as it was is not touched', async () => {
    const base = folder()
    const runtime = await start({ tree: treeOf('a', 'b'), base })
    expect(await greeted(runtime, 'a')).toBe(1)
    expect(await runtime.reload({ tree: treeOf('a', 'c'), dryRun: true })).toMatchObject({ outcome: 'planned' })
    expect(await runtime.reload({ tree: treeOf('a', 'c') })).toMatchObject({
      ...{ outcome: 'applied', added: [{ child: 'c' }], removed: ['b'], unchanged: ['a'] },
    })
    expect(await greeted(runtime, 'a')).toBe(2)
    expect(await runtime.call('c', 'greet', ['you'])).toBe('hello, you')
    const refused = await runtime.reload({ tree: { ...treeOf('a', 'c'), state: 'elsewhere' } })
    expect(refused).toMatchObject({
      outcome: 'needs-restart',
      needsRestart: [{ key: 'state', where: 'tree object: state' }],
    })
  }, 60_000)

  it('cannot be read again from anywhere: `bulkhead reload` is refused, and says who can', async () => {
    const base = folder()
    const runtime = await start({ tree: treeOf('a'), base })
    await expect(runtime.reload()).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('reload({ tree })'),
    })
    const { exitCode, stderr } = await run(['reload'], { cwd: base })
    expect(stderr).toContain('there is no file to read again')
    expect(exitCode).toBe(2)
    expect(await runtime.call('a', 'greet', ['still here'])).toBe('hello, still here')
  }, 60_000)

  it('takes no object where the tree is a file, and no base', async () => {
    const base = folder()
    const file = join(base, 'bulkhead.toml')
    writeFileSync(file, `[children.a]\ncomponent = ${JSON.stringify(hello)}\n`)
    const runtime = await start({ tree: file })
    await expect(runtime.reload({ tree: treeOf('a') })).rejects.toMatchObject({ code: 'usage' })
    expect((await runtime.reload()).unchanged).toEqual(['a'])
    await expect(createTestRuntime({ tree: file, base })).rejects.toMatchObject({
      ...{ code: 'usage', message: expect.stringContaining('`base`') },
    })
  }, 60_000)

  it('is refused whole, with the paths of all that is wrong, and nothing is started', async () => {
    const base = folder()
    const tree: object = {
      children: { a: { component: './missing.wasm' }, b: { component: hello, mounts: { '/d': './missing' } } },
    }
    const refused = createTestRuntime({ tree, base })
    await expect(refused).rejects.toMatchObject({ code: 'document-invalid' })
    await expect(refused).rejects.toThrow('tree object: children.a.component: ')
    await expect(refused).rejects.toThrow('tree object: children.b.mounts["/d"]: ')
    const runtime = await start({ tree: treeOf('a'), base })
    const wrong = { children: { a: { ...child(callee), lifetim: 'call' } } } as ReloadOptions['tree']
    await expect(runtime.reload({ ...(wrong && { tree: wrong }) })).rejects.toThrow('children.a.lifetim: unknown key')
    expect(await greeted(runtime, 'a')).toBe(1)
  }, 60_000)

  it('names itself in what is told of denials and waiting children', async () => {
    const base = folder()
    const runtime = await start({ tree: { children: { late: { component: hello } } }, base })
    const { reason } = (await runtime.policy.explain('late', 'filesystem.read=/etc/passwd')) ?? {}
    expect(reason).toBeTypeOf('string')
    expect((await runtime.approvals.list()).map(({ child }) => child)).toEqual(['late'])
    expect(JSON.stringify(await runtime.policy.explain('late', 'filesystem.read=/etc/passwd'))).not.toMatch(
      /tree object:(undefined|1)/,
    )
  }, 60_000)
})

describe('several runtimes in one process', () => {
  it('each have a state directory, a tree and events of their own', async () => {
    const heard: string[] = []
    const options = (name: string) => ({ tree: treeOf(name), base: folder() })
    const [one, two] = await Promise.all(['one', 'two'].map((name) => start(options(name))))
    for (const runtime of [one, two]) {
      runtime?.on('child.ready', ({ child }) => heard.push(`${runtime.children()[0]?.id} ${child}`))
    }
    expect(await greeted(one, 'one')).toBe(1)
    expect(await greeted(two, 'two')).toBe(1)
    expect(heard).toEqual(['one one', 'two two'])
    await one?.stop()
    expect(await greeted(two, 'two')).toBe(2)
    expect(one?.id).not.toBe(two?.id)
  }, 60_000)

  it('never share a state directory, and may have it one after the other', async () => {
    const base = folder()
    const attempts = await Promise.allSettled([1, 2].map(() => createTestRuntime({ tree: treeOf('a'), base })))
    const refused = attempts.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const started = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(refused).toMatchObject([{ code: 'state-locked', hint: expect.stringContaining('another `state`') }])
    await Promise.all(started.map((runtime) => runtime.stop()))
    {
      await using again = await createTestRuntime({ tree: treeOf('a'), base })
      expect(await greeted(again, 'a')).toBe(1)
    }
    await start({ tree: treeOf('a'), base })
  }, 60_000)
})

describe('a signal', () => {
  it('that was given already starts nothing, and leaves nothing', async () => {
    const base = folder()
    const given = { tree: treeOf('a'), base, signal: AbortSignal.abort(new Error('no more')) }
    await expect(createTestRuntime(given)).rejects.toThrow('no more')
    await start({ tree: treeOf('a'), base })
  }, 60_000)

  it('that comes while components are prepared gives up the start and frees the state directory', async () => {
    const base = folder()
    const controller = new AbortController()
    const onProgress = (): void => controller.abort(new Error('enough'))
    const { signal } = controller
    await expect(createTestRuntime({ tree: treeOf('a'), base, cache: folder(), signal, onProgress })).rejects.toThrow(
      'enough',
    )
    await start({ tree: treeOf('a'), base })
  }, 60_000)

  it('ends a call that is given up, and its child answers the next one', async () => {
    const runtime = await start({ tree: treeOf('a'), base: folder() })
    await expect(runtime.call('a', 'count', [], { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow()
    expect(await runtime.call('a', 'greet', ['you'])).toBe('hello, you')
  }, 60_000)
})

it('refuses names of events that there are not', async () => {
  const runtime = await start({})
  expect(() => runtime.on('child.reddy' as 'child.ready', () => {})).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('did you mean `child.ready`?') }),
  )
})

it('has events of the types that were asked for, typed by them', async () => {
  const runtime = await start({ tree: treeOf('a'), base: folder() })
  await greeted(runtime, 'a')
  const names: string[] = []
  for await (const item of runtime.events({ types: ['child.ready', 'child.starting'], follow: false })) {
    // The compiler knows that these have a child, and are of one of two types.
    if (item.kind === 'event')
      names.push(`${item.event.type satisfies 'child.ready' | 'child.starting'} ${item.event.child.length}`)
  }
  expect(names).toEqual(['child.starting 1', 'child.ready 1'])
}, 60_000)
