import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TreeChildView, TreeView } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import { bytes } from '../messages/message-tree.js'
import { type Supervised, type SupervisedTree, startTree, treeFolder } from '../supervision/supervised-tree.js'

const operator = guestFile('messages-operator')

/** The lines of a pool of operators, and its manifest. */
function poolLines(folder: string, name: string, more = ''): string {
  const manifest = manifestOf(name)
  writeFileSync(join(folder, `${name}.component.toml`), manifest)
  return [
    `[supervisors.${name}]`,
    `template = { component = ${JSON.stringify(operator)}, manifest = "${name}.component.toml", ${pinned(operator, manifest)}${more} }`,
  ].join('\n')
}

function manifestOf(id: string): string {
  return `[component]\nid = "${id}"\nversion = "1.0.0"\n[capabilities]\nmessaging.subscribe = ["${id}.do"]\n`
}

/** The entry of a child that is added: approved in place. */
function entryOf(folder: string, id: string): { readonly component: string; readonly [key: string]: unknown } {
  const manifest = manifestOf(id)
  const component = join(folder, `${id}.wasm`)
  copyFileSync(operator, component)
  writeFileSync(join(folder, `${id}.component.toml`), manifest)
  const [componentDigest, manifestDigest] = [...pinned(component, manifest).matchAll(/"(sha256:[^"]+)"/g)].map(
    ([, digest]) => digest,
  )
  return { component, manifest: `${id}.component.toml`, approved: [componentDigest, manifestDigest] }
}

async function start(
  children: Readonly<Record<string, Supervised>>,
  below: (folder: string) => string = () => '',
): Promise<SupervisedTree & { readonly folder: string }> {
  const folder = treeFolder()
  const [first] = Object.keys(children)
  const lines = Object.fromEntries(
    Object.entries(children).map(([id, child]) =>
      id === first ? [id, { ...child, entry: `${child.entry ?? ''}\n${below(folder)}` }] : [id, child],
    ),
  )
  return { ...(await startTree(folder, lines)), folder }
}

function named(view: TreeView, name: string): TreeView | TreeChildView | undefined {
  for (const member of view.children) {
    if (member.kind === 'child' ? member.id === name : member.name === name) return member
    const found = member.kind === 'child' ? undefined : named(member, name)
    if (found !== undefined) return found
  }
  return undefined
}

describe('the view of a tree', () => {
  it('nests supervisors, and says of each child what it runs, how far it is trusted and what waits for it', async () => {
    const { runtime } = await start({ a: {} }, (folder) => poolLines(folder, 'workers'))
    await runtime.startChild('workers', {})
    const tree = runtime.tree()
    expect(tree).toMatchObject({ kind: 'supervisor', name: 'root', state: 'running' })
    expect(named(tree, 'a')).toMatchObject({
      ...{ state: 'running', component: operator, trust: 'unknown', approval: 'approved', level: 'thread', score: 0 },
      ...{ restartsLeft: 3, messages: { depth: 0, depthMax: 1024 } },
    })
    expect(named(tree, 'workers')).toMatchObject({ kind: 'supervisor', isPool: true, state: 'running' })
    expect(named(tree, 'workers-1')).toMatchObject({ kind: 'child', state: 'running', incarnation: 1 })
  }, 60_000)
})

describe('a child that is added to a running tree', () => {
  it('is judged, given a mailbox and started; terminated, started again and forgotten', async () => {
    const { runtime, folder, tell } = await start({ a: {} })
    expect(await runtime.startChild('root', { id: 'late', ...entryOf(folder, 'late') })).toEqual({
      kind: 'started',
      child: 'late',
    })
    expect(await tell('late', 'count')).toBe('1')
    expect((await runtime.policy.show('late')).child).toBe('late')
    expect(runtime.whichChildren('root')).toMatchObject({ children: [{ id: 'late' }, { id: 'a' }] })
    expect(runtime.countChildren('root')).toMatchObject({ specs: 2, active: 2, workers: 2 })
    expect(runtime.getChildSpec('root', 'late')).toMatchObject({ kind: 'found', spec: { id: 'late' } })
    expect(await runtime.startChild('root', { id: 'late', ...entryOf(folder, 'late') })).toEqual({
      kind: 'already-started',
      child: 'late',
    })
    expect(await runtime.deleteChild('root', 'late')).toEqual({ kind: 'running' })
    expect(await runtime.terminateChild('root', 'late')).toEqual({ kind: 'terminated' })
    expect(await runtime.restartChild('root', 'late')).toEqual({ kind: 'started', child: 'late' })
    expect(await tell('late', 'count')).toBe('1')
    await runtime.terminateChild('root', 'late')
    expect(await runtime.deleteChild('root', 'late')).toEqual({ kind: 'deleted' })
    expect(runtime.getChildSpec('root', 'late')).toEqual({ kind: 'not-found' })
    await expect(runtime.policy.show('late')).rejects.toMatchObject({ code: 'usage' })
    const asked = runtime.request('late.do', bytes('count'))
    await expect(asked).rejects.toMatchObject({ code: 'no-subscriber' })
    // Its name is free again, and so is what it is.
    expect(await runtime.startChild('root', { id: 'late', ...entryOf(folder, 'late') })).toMatchObject({
      kind: 'started',
    })
    expect(await tell('late', 'count')).toBe('1')
  }, 60_000)

  it('that nobody approved waits, and starts when it is approved', async () => {
    const { runtime, folder, tell, saw } = await start({ a: {} })
    const { approved: _, ...entry } = entryOf(folder, 'late')
    expect(await runtime.startChild('root', { id: 'late', ...entry })).toEqual({
      kind: 'waiting',
      child: 'late',
      reason: 'approval-required',
    })
    await runtime.approvals.approve('late')
    await saw('late', 'child.ready')
    expect(await tell('late', 'count')).toBe('1')
  }, 60_000)

  it('is refused with everything that is wrong with it, and leaves nothing behind', async () => {
    const { runtime, folder } = await start({ a: {} }, (into) => poolLines(into, 'workers'))
    const entry = entryOf(folder, 'late')
    const add = (id: string, more: object) => runtime.startChild('root', { id, ...entry, ...more })
    await expect(add('late', { restart: 'often', lifetim: 'call' })).rejects.toMatchObject({
      findings: [{ path: 'children.late.restart' }, { path: 'children.late.lifetim' }],
    })
    await expect(add('late', { component: './nothing.wasm' })).rejects.toThrow('nothing.wasm')
    await expect(add('late', { instances: 2 })).rejects.toMatchObject({ code: 'usage' })
    // A supervisor has the name, and is a child too.
    expect(await add('workers', {})).toEqual({ kind: 'already-started', child: 'workers' })
    await expect(runtime.startChild('root', { id: 'late' })).rejects.toMatchObject({ code: 'usage' })
    writeFileSync(join(folder, 'late.wasm'), readFileSync(operator).subarray(0, 100))
    await expect(add('late', {})).rejects.toThrow('children.late: the section')
    expect(await runtime.startChild('nobody', { id: 'late', ...entry })).toEqual({ kind: 'no-supervisor' })
    expect(runtime.whichChildren('nobody')).toEqual({ kind: 'no-supervisor' })
    expect(runtime.children().map(({ id }) => id)).toEqual(['a'])
  }, 60_000)

  it('keeps what it has done, whatever name it comes back by', async () => {
    const { runtime, folder, offend, saw, report } = await start({ a: {} })
    await runtime.startChild('root', { id: 'late', ...entryOf(folder, 'late') })
    for (const fault of [1, 2, 3]) {
      await offend('late')
      if (fault < 3) await saw('late', 'child.restarted', fault)
    }
    await saw('late', 'child.quarantined')
    expect(await runtime.restartChild('root', 'late')).toEqual({ kind: 'quarantined' })
    await runtime.terminateChild('root', 'late')
    expect(await runtime.deleteChild('root', 'late')).toEqual({ kind: 'deleted' })
    expect(await runtime.startChild('root', { id: 'other', ...entryOf(folder, 'other') })).toEqual({
      kind: 'quarantined',
    })
    expect(report('a').state).toBe('running')
    expect(await runtime.release('other', 'looked at it')).toEqual(['other'])
    await saw('other', 'child.ready')
  }, 60_000)
})

describe('a supervisor that is started again', () => {
  it('has the children of the file, and none that were added; their names are free', async () => {
    const below = (folder: string): string => {
      const manifest = manifestOf('deep')
      writeFileSync(join(folder, 'deep.component.toml'), manifest)
      const entry = `component = ${JSON.stringify(operator)}\nmanifest = "deep.component.toml"\n${pinned(operator, manifest)}`
      return `[supervisors.below.children.deep]\n${entry}`
    }
    const { runtime, folder, tell } = await start({ a: {} }, below)
    const add = () => runtime.startChild('below', { id: 'late', ...entryOf(folder, 'late') })
    expect(await add()).toMatchObject({ kind: 'started' })
    expect(await runtime.terminateChild('root', 'below')).toEqual({ kind: 'terminated' })
    expect(await add()).toEqual({ kind: 'no-supervisor' })
    expect(await runtime.restartChild('root', 'below')).toMatchObject({ kind: 'started' })
    expect(await tell('deep', 'count')).toBe('1')
    expect(runtime.whichChildren('below')).toMatchObject({ children: [{ id: 'deep' }] })
    await expect(runtime.request('late.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
    expect(await add()).toMatchObject({ kind: 'started' })
    expect(await tell('late', 'count')).toBe('1')
    // What stands in the file and was deleted keeps its name.
    await runtime.terminateChild('below', 'deep')
    expect(await runtime.deleteChild('below', 'deep')).toEqual({ kind: 'deleted' })
    const again = runtime.startChild('below', { id: 'deep', ...entryOf(folder, 'deep') })
    await expect(again).rejects.toMatchObject({ code: 'usage' })
  }, 60_000)
})

describe('a pool', () => {
  it('has the members that it is asked for, each with its arguments, and sends each message to one', async () => {
    const { runtime, tell, events } = await start({ a: {} }, (folder) => poolLines(folder, 'workers'))
    for (const member of [{}, { id: 'extra' }, { args: ['worker', 'three'] }]) {
      expect(await runtime.startChild('workers', member)).toMatchObject({ kind: 'started' })
    }
    expect(runtime.countChildren('workers')).toMatchObject({ specs: 1, active: 3 })
    const answers = await Promise.all(Array.from({ length: 9 }, () => tell('workers', 'count')))
    expect(answers.map(Number).reduce((sum, one) => sum + (one === 1 ? 1 : 0), 0)).toBeGreaterThan(1)
    expect(await runtime.startChild('workers', { id: 'extra' })).toEqual({ kind: 'already-started', child: 'extra' })
    expect(await runtime.restartChild('workers', 'extra')).toEqual({ kind: 'pool' })
    expect(await runtime.terminateChild('workers', 'extra')).toEqual({ kind: 'terminated' })
    expect(runtime.whichChildren('workers')).toMatchObject({
      children: [{ id: 'workers-2' }, { id: 'workers-1' }],
    })
    expect(await tell('workers', 'print still served')).toBe('ok')
    expect(events.filter(({ type }) => type === 'child.removed')).toHaveLength(1)
    expect(await runtime.startChild('workers', { id: 'extra' })).toMatchObject({ kind: 'started' })
  }, 60_000)

  it('whose members sleep wakes one for each message', async () => {
    const { runtime, tell } = await start({ a: {} }, (folder) => poolLines(folder, 'workers', ', lifetime = "call"'))
    for (let count = 0; count < 20; count++) await runtime.startChild('workers', {})
    expect(runtime.children().filter(({ state }) => state === 'dormant')).toHaveLength(20)
    const answers = await Promise.all(Array.from({ length: 10 }, () => tell('workers', 'count')))
    expect(answers).toEqual(answers.map(() => '1'))
  }, 60_000)
})

describe('the flags of a supervisor', () => {
  it('change while it runs, and nobody is restarted by it', async () => {
    const { runtime, report } = await start({ a: {}, b: {} })
    expect(report('a').restartsLeft).toBe(3)
    expect(await runtime.changeSpec('root', { intensity: { restarts: 7, withinMs: 60_000 } })).toEqual({
      kind: 'changed',
    })
    expect(report('a')).toMatchObject({ restartsLeft: 7, incarnation: 1 })
    await expect(runtime.changeSpec('root', { childrenMax: 1 })).rejects.toMatchObject({ code: 'usage' })
    expect(await runtime.changeSpec('nobody', {})).toEqual({ kind: 'no-supervisor' })
  }, 60_000)
})
