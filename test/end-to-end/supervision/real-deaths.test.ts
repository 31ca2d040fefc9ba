// Deaths on real threads: the cases of Erlang's suite that are about how a child ends, and the order in which things follow
// from it. Names begin with the numbers of the cases that they repeat; docs/supervision.md says which run where.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HealthEvent } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { componentFromWat } from '../../guests/component-from-wat.mjs'
import { bytes, until } from '../messages/message-tree.js'
import { type Supervised, type SupervisedTree, startTree, treeFolder } from './supervised-tree.js'

/** Deaths are what is looked at here, not how long they are waited for afterwards. */
const patience = 90_000

function operators(...names: readonly string[]): Record<string, Supervised> {
  return Object.fromEntries(names.map((name) => [name, {}]))
}

/** `exited b` and the like, of some types, in the order in which they were told. */
function order({ events }: SupervisedTree, ...types: readonly string[]): readonly string[] {
  const wanted = types.map((type) => `child.${type}`)
  return events
    .filter(({ type }) => wanted.includes(type))
    .map(({ type, child }) => `${type.slice('child.'.length)} ${child}`)
}

function exits({ events }: SupervisedTree, child: string): readonly (HealthEvent['class'] | undefined)[] {
  return events.filter((event) => event.type === 'child.exited' && event.child === child).map((event) => event.class)
}

/** Has a child do what it never comes back from, and waits until it is at it. */
async function spin(tree: SupervisedTree, child: string): Promise<void> {
  await tree.runtime.publish(`${child}.do`, bytes('spin'))
  await until(() => depthOf(tree, child) === 1, `${child} has taken its message`)
}

/** Messages in its mailbox: one that it handles lies there still. */
function depthOf({ runtime }: SupervisedTree, child: string): number | undefined {
  return runtime.messages().children.find((row) => row.child === child)?.depth
}

describe('a child that is told to stop', () => {
  it(
    '17. stops by itself where it can, and is killed after its time where it cannot',
    async () => {
      const tree = await startTree(treeFolder(), {
        willing: {},
        hanging: { entry: 'shutdown = "200ms"' },
        bystander: {},
      })
      await spin(tree, 'hanging')
      expect(await tree.runtime.terminateChild('root', 'willing')).toEqual({ kind: 'terminated' })
      expect(await tree.runtime.terminateChild('root', 'hanging')).toEqual({ kind: 'terminated' })
      expect([exits(tree, 'willing'), exits(tree, 'hanging')]).toEqual([['shutdown'], ['shutdown']])
      // Nobody came back from what it had in hand.
      expect(tree.runtime.deadLetters.list()).toMatchObject([{ reason: 'lost-in-crash', topic: 'hanging.do' }])
      expect([tree.report('willing').state, tree.report('hanging').state]).toEqual(['stopped', 'stopped'])
      expect(tree.report('hanging')).toMatchObject({ restarts: 0, restartsLeft: 3, score: 0 })
      expect(await tree.tell('bystander', 'count')).toBe('1')
      // What it never came back from is not done again.
      expect(await tree.runtime.restartChild('root', 'hanging')).toMatchObject({ kind: 'started' })
      expect(await tree.tell('hanging', 'count')).toBe('1')
    },
    patience,
  )

  it(
    '19. without any time is killed at once, in the middle of what it does',
    async () => {
      const tree = await startTree(treeFolder(), { brutal: { entry: 'shutdown = "0ms"' }, gentle: {} })
      await spin(tree, 'brutal')
      await tree.runtime.stop()
      const reasons = tree.events
        .filter(({ type }) => type === 'child.exited')
        .map(({ child, reason }) => [child, reason])
      expect(reasons).toEqual([
        ['gentle', 'stopped'],
        ['brutal', 'killed'],
      ])
    },
    patience,
  )

  it(
    '21. and ends of something else meanwhile is not started again, and keeps its reason',
    async () => {
      const tree = await startTree(treeFolder(), {
        permanent: { entry: 'restart = "permanent"' },
        transient: { entry: 'restart = "transient"' },
        temporary: { entry: 'restart = "temporary"' },
        idle: {},
      })
      for (const child of ['permanent', 'transient', 'temporary']) {
        await tree.runtime.publish(`${child}.do`, bytes('trap'))
      }
      await tree.runtime.stop()
      const stopped = tree.events.findIndex(
        ({ type, supervisor }) => type === 'supervisor.stopped' && supervisor === 'root',
      )
      expect(stopped).toBeGreaterThan(0)
      expect(tree.events.slice(stopped).filter(({ child }) => child !== undefined)).toEqual([])
      for (const child of ['permanent', 'transient', 'temporary', 'idle']) {
        const seen = exits(tree, child)
        const started = tree.events.filter(({ type, child: of }) => type === 'child.starting' && of === child)
        expect(seen.length, child).toBe(started.length)
        expect(
          seen.every((one) => one === 'crash' || one === 'shutdown'),
          child,
        ).toBe(true)
      }
      expect(exits(tree, 'idle')).toEqual(['shutdown'])
    },
    patience,
  )
})

describe('a child that ends while it starts', () => {
  it(
    'is planned for like any exit, holds up nobody, and is quarantined when its budget is spent',
    async () => {
      const folder = treeFolder()
      const component = join(folder, 'stillborn.wasm')
      writeFileSync(component, await componentFromWat(actorThatDiesAtStart, 'actor'))
      const tree = await startTree(
        folder,
        { before: {}, stillborn: { component }, after: {} },
        { supervisor: 'intensity = { restarts = 1 }' },
      )
      expect(await tree.tell('after', 'count')).toBe('1')
      await tree.saw('stillborn', 'child.quarantined')
      expect(exits(tree, 'stillborn')).toEqual(['crash', 'crash'])
      expect(order(tree, 'ready')).not.toContain('ready stillborn')
      expect([tree.report('before').restarts, tree.report('after').restarts]).toEqual([0, 0])
    },
    patience,
  )

  it(
    'ends its supervisor under profile otp, which leaves nothing running',
    async () => {
      const folder = treeFolder()
      const component = join(folder, 'stillborn.wasm')
      writeFileSync(component, await componentFromWat(actorThatDiesAtStart, 'actor'))
      const children = { before: {}, stillborn: { component }, after: {} }
      const tree = await startTree(folder, children, { supervisor: 'profile = "otp"' })
      await until(() => tree.events.some(({ type }) => type === 'supervisor.stopped'), 'the end of the tree')
      expect(order(tree, 'exited')).toEqual(['exited stillborn', 'exited before'])
      expect(order(tree, 'starting')).not.toContain('starting after')
    },
    patience,
  )
})

const actorThatDiesAtStart = `(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 64))
  (func $die (unreachable))
  (start $die))`

describe('a group', () => {
  it(
    '33. one_for_all: nobody comes back before the last one is seen to be gone, the hanging one by force',
    async () => {
      const tree = await startTree(
        treeFolder(),
        { first: {}, hanging: { entry: 'shutdown = "300ms"' }, last: {} },
        { supervisor: 'strategy = "one_for_all"' },
      )
      await spin(tree, 'hanging')
      await tree.runtime.publish('last.do', bytes('trap'))
      await tree.saw('last', 'child.restarted')
      expect(order(tree, 'exited', 'starting')).toEqual([
        ...['starting first', 'starting hanging', 'starting last'],
        ...['exited last', 'exited hanging', 'exited first'],
        ...['starting first', 'starting hanging', 'starting last'],
      ])
      expect([exits(tree, 'last'), exits(tree, 'hanging'), exits(tree, 'first')]).toEqual([
        ['crash'],
        ['shutdown'],
        ['shutdown'],
      ])
      // Only who crashed has paid for it.
      expect(['first', 'hanging', 'last'].map((child) => tree.report(child).restartsLeft)).toEqual([3, 3, 2])
      for (const child of ['first', 'hanging', 'last']) expect(await tree.tell(child, 'count')).toBe('1')
    },
    patience,
  )

  it(
    '42. 73. rest_for_one: who was started before goes on; the others go in reverse and come in order',
    async () => {
      const tree = await startTree(treeFolder(), operators('c', 'a', 'd', 'b'), {
        supervisor: 'strategy = "rest_for_one"',
      })
      for (const child of ['c', 'a', 'd', 'b']) expect(await tree.tell(child, 'count')).toBe('1')
      await tree.runtime.publish('a.do', bytes('trap'))
      await tree.saw('b', 'child.restarted')
      expect(order(tree, 'exited', 'starting').slice(4)).toEqual([
        ...['exited a', 'exited b', 'exited d'],
        ...['starting a', 'starting d', 'starting b'],
      ])
      expect(await tree.tell('c', 'count')).toBe('2')
      expect(await tree.tell('d', 'count')).toBe('1')
      await tree.runtime.stop()
      expect(order(tree, 'exited').slice(-4)).toEqual(['exited b', 'exited d', 'exited a', 'exited c'])
    },
    patience,
  )

  it(
    '55. a temporary sibling goes down with it and does not come back',
    async () => {
      const tree = await startTree(
        treeFolder(),
        { crasher: {}, passing: { entry: 'restart = "temporary"' } },
        { supervisor: 'strategy = "one_for_all"' },
      )
      await tree.runtime.publish('crasher.do', bytes('trap'))
      await tree.saw('crasher', 'child.restarted')
      expect(order(tree, 'starting')).toEqual(['starting crasher', 'starting passing', 'starting crasher'])
      expect(tree.runtime.countChildren('root')).toMatchObject({ specs: 1, active: 1 })
    },
    patience,
  )
})

describe('what a child is restarted after', () => {
  it(
    '45. 46. 47. 52. 53. 54. by its restart type: an exit in order, and a crash',
    async () => {
      const types = ['permanent', 'transient', 'temporary']
      const ends = { exit: 'exit 0', crash: 'exit 1' }
      const names = Object.keys(ends).flatMap((end) => types.map((type) => ({ name: `${type}-${end}`, type })))
      const children = Object.fromEntries(names.map(({ name, type }) => [name, { entry: `restart = "${type}"` }]))
      const tree = await startTree(treeFolder(), children)
      for (const [end, command] of Object.entries(ends)) {
        for (const type of types) await tree.runtime.publish(`${type}-${end}.do`, bytes(command))
      }
      await Promise.all(names.map(({ name }) => tree.saw(name, 'child.exited')))
      for (const child of ['permanent-exit', 'permanent-crash', 'transient-crash']) {
        await tree.saw(child, 'child.restarted')
        expect(await tree.tell(child, 'count')).toBe('1')
      }
      expect(tree.report('transient-exit')).toMatchObject({ state: 'completed', restarts: 0 })
      expect(exits(tree, 'transient-exit')).toEqual(['normal'])
      for (const child of ['temporary-exit', 'temporary-crash']) {
        await tree.saw(child, 'child.stopped')
        expect(tree.runtime.getChildSpec('root', child)).toEqual({ kind: 'not-found' })
      }
    },
    patience,
  )

  it(
    '32. no further than its budget under profile otp: then the supervisor ends, and all of its children',
    async () => {
      const tree = await startTree(treeFolder(), operators('steady', 'crasher'), {
        supervisor: 'profile = "otp"\nintensity = { restarts = 1 }',
      })
      await tree.runtime.publish('crasher.do', bytes('trap'))
      await tree.saw('crasher', 'child.restarted')
      await tree.runtime.publish('crasher.do', bytes('trap'))
      await until(() => tree.events.some(({ type }) => type === 'supervisor.stopped'), 'the end of the tree')
      expect(order(tree, 'exited')).toEqual(['exited crasher', 'exited crasher', 'exited steady'])
      expect(tree.events.find(({ type }) => type === 'supervisor.escalated')).toMatchObject({ child: 'crasher' })
    },
    patience,
  )
})

describe('a significant child', () => {
  const significant = 'restart = "transient"\nsignificant = true'

  it(
    '81. that ends in order ends its supervisor, whoever hangs; a crash of it does not, nor a call',
    async () => {
      const tree = await startTree(
        treeFolder(),
        { lead: { entry: significant }, helper: { entry: 'shutdown = "200ms"' } },
        { supervisor: 'auto_shutdown = "any_significant"' },
      )
      await tree.runtime.publish('lead.do', bytes('trap'))
      await tree.saw('lead', 'child.restarted')
      await tree.runtime.terminateChild('root', 'lead')
      expect(await tree.runtime.restartChild('root', 'lead')).toMatchObject({ kind: 'started' })
      expect(tree.report('helper')).toMatchObject({ state: 'running', restarts: 0 })
      await spin(tree, 'helper')
      await tree.runtime.publish('lead.do', bytes('exit 0'))
      const { children } = await tree.runtime.settled
      expect(children.map(({ id, state }) => `${id} ${state}`)).toEqual(['lead completed', 'helper stopped'])
      expect(order(tree, 'exited').slice(-2)).toEqual(['exited lead', 'exited helper'])
    },
    patience,
  )

  it(
    '81. 78. only with the last of them where all count',
    async () => {
      const tree = await startTree(
        treeFolder(),
        { one: { entry: significant }, two: { entry: significant }, other: {} },
        { supervisor: 'auto_shutdown = "all_significant"' },
      )
      await tree.runtime.publish('one.do', bytes('exit 0'))
      await tree.saw('one', 'child.stopped')
      expect(await tree.tell('other', 'count')).toBe('1')
      await tree.runtime.publish('two.do', bytes('exit 0'))
      const { children } = await tree.runtime.settled
      expect(children.map(({ state }) => state)).toEqual(['completed', 'completed', 'stopped'])
    },
    patience,
  )
})
