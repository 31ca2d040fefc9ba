import type { TreeReport } from '@bulkhead/admin'
import { BulkheadError, DocumentError } from 'bulkhead'
import { expect, it } from 'vitest'
import { named } from './children.js'
import { inspectorAddress, urlOf } from './listen-address.js'
import { oneLine } from './one-line.js'
import { refusalOf } from './refusal.js'
import { Ring } from './ring.js'
import { deniedUntil, sampleOf } from './sample-of.js'

const child = (fields: Partial<TreeReport['children'][number]>): TreeReport['children'][number] => ({
  ...{ child: 'a', supervisor: 'root', component: 'a.wasm', state: 'running', since: 0, incarnation: 1, restarts: 0 },
  ...{ restartsLeft: 3, level: 'thread', score: 0, trust: 'trusted', approval: 'approved' },
  ...fields,
})
const report = (children: TreeReport['children']): TreeReport => ({
  root: 'root',
  children,
  tree: {
    ...{ supervisor: 'root', state: 'running', health: 'healthy', since: 0, strategy: 'one_for_one' },
    ...{ profile: 'isolated', isPool: false, children: children.map((one) => one.child) },
  },
})

it('keeps the last things with their numbers', () => {
  const ring = new Ring<string>(3)
  expect([ring.last, ring.after(0)]).toEqual([0, []])
  for (const thing of ['a', 'b', 'c', 'd']) ring.push(thing)
  expect(ring.last).toBe(4)
  expect(ring.after(0)).toEqual(['b', 'c', 'd'])
  expect(ring.after(3)).toEqual(['d'])
  expect(ring.after(4)).toEqual([])
  expect(ring.after(9)).toEqual([])
})

it('samples what was refused since the sample before, never less than nothing, and at most 1,000 children', () => {
  const rates = { publishedPerSecond: 2, handledPerSecond: 3 }
  const mailbox = { messages: 4, messagesMax: 9 }
  const first = report([
    child({ denied: 5, rates, mailbox, memory: { bytes: 64, maxBytes: 128 } }),
    child({ child: 'b' }),
  ])
  expect(sampleOf(first, 1_000, undefined).children).toEqual([
    { child: 'a', messagesPerSecond: 5, denialsPerSecond: 0, memoryBytes: 64, mailboxMessages: 4 },
    { child: 'b', messagesPerSecond: 0, denialsPerSecond: 0, memoryBytes: 0, mailboxMessages: 0 },
  ])
  const next = report([child({ denied: 9 }), child({ child: 'b', denied: 1 }), child({ child: 'new', denied: 7 })])
  const after = sampleOf(next, 3_000, deniedUntil(first, 1_000))
  expect(after.children.map(({ denialsPerSecond }) => denialsPerSecond)).toEqual([2, 0.5, 0])
  expect(sampleOf(first, 4_000, deniedUntil(next, 3_000)).children[0]?.denialsPerSecond).toBe(0)
  const many = report(Array.from({ length: 1_500 }, (_, index) => child({ child: `c-${index}` })))
  expect(sampleOf(many, 0, undefined).children).toHaveLength(1_000)
})

it('finds the child that rules are about, by its own name or by that of a member', () => {
  const tree = report([
    child({ child: 'pool-1', memberOf: 'pool' }),
    child({ child: 'pool-2', memberOf: 'pool' }),
    child({}),
  ])
  const names = (name: string) => [named(name, tree).subject, named(name, tree).members.map((one) => one.child)]
  expect(names('pool')).toEqual(['pool', ['pool-1', 'pool-2']])
  expect(names('pool-2')).toEqual(['pool', ['pool-2']])
  expect(names('a')).toEqual(['a', ['a']])
  expect(names('nobody')).toEqual(['nobody', []])
})

it('reads addresses, and knows which of them only this machine reaches', () => {
  const local = ['127.0.0.1:7070', '127.8.8.8:1', '[::1]:7070', '[0:0:0:0:0:0:0:1]:7070', 'localhost:7070', '7070']
  const others = ['0.0.0.0:7070', '[::]:7070', '192.0.2.1:7070', '[::ffff:127.0.0.1]:7070', '[2001:db8::1]:7070']
  expect(local.filter((text) => !inspectorAddress(text).isLoopback)).toEqual([])
  expect(others.filter((text) => inspectorAddress(text).isLoopback)).toEqual([])
  expect(inspectorAddress('[::1]:80')).toEqual({ host: '::1', port: 80, isLoopback: true })
  expect(() => inspectorAddress('[::1]')).toThrow(BulkheadError)
  expect(['127.0.0.1', '0.0.0.0', '::', '::1'].map((host) => urlOf(host, 7))).toEqual([
    'http://127.0.0.1:7/',
    'http://127.0.0.1:7/',
    'http://[::1]:7/',
    'http://[::1]:7/',
  ])
})

it('makes one line of whatever it is', () => {
  expect(oneLine('a\r\nb\u2028c\u001b[31md\u202ee\ud800', 100)).toBe(
    'a\\u{d}\\u{a}b\\u{2028}c\\u{1b}[31md\\u{202e}e\\u{d800}',
  )
  expect(oneLine('x'.repeat(11), 10)).toBe(`${'x'.repeat(9)}…`)
})

it('says of its own errors what an operator can do, and of others nothing', () => {
  const usage = new BulkheadError('usage', 'no such thing', { hint: 'another one' })
  expect(refusalOf(usage)).toEqual({ status: 400, code: 'usage', message: 'no such thing', hint: 'another one' })
  expect(refusalOf(new BulkheadError('call-timeout', 'late')).status).toBe(409)
  expect(
    refusalOf(new DocumentError([{ ...{ file: 'a.toml', line: 1, column: 1 }, message: 'no', hint: '' }])).status,
  ).toBe(409)
  expect(refusalOf(new Error('/home/someone: secret'))).toEqual({
    status: 500,
    code: 'internal',
    message: 'the server could not answer: the fault is its own',
  })
})
