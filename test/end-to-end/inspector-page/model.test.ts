// What the page makes of what it is told, without a browser.
import type { ChildStatus, HealthStatusReport, TreeReport } from '@bulkhead/admin'
import type { HealthEvent } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { happeningOf } from '../../../packages/inspector/page/live/happening-of.js'
import { deniedByChild } from '../../../packages/inspector/page/model/denied-by-child.js'
import { describeEvent, gravityOf } from '../../../packages/inspector/page/model/describe-event.js'
import { flattenTree, moveInTree } from '../../../packages/inspector/page/model/flatten-tree.js'
import {
  bytesText,
  clockText,
  countText,
  durationText,
  rateText,
} from '../../../packages/inspector/page/model/format.js'
import { entriesMax, messageCharactersMax, samplesMax } from '../../../packages/inspector/page/model/limits.js'
import { narrowed } from '../../../packages/inspector/page/model/narrowed.js'
import { ordersFor } from '../../../packages/inspector/page/model/orders-for.js'
import { nothingKnown, stateAfter } from '../../../packages/inspector/page/model/page-state.js'
import { childStanding, statusStanding, supervisorStanding } from '../../../packages/inspector/page/model/standing.js'
import { StreamParser } from '../../../packages/inspector/page/model/stream-parser.js'
import type { DenialReport, SampleReport } from '../../../packages/inspector/src/api-types.js'

const child = (name: string, more: Partial<ChildStatus> = {}): ChildStatus => ({
  child: name,
  supervisor: 'root',
  component: `${name}.wasm`,
  state: 'running',
  since: 0,
  incarnation: 1,
  restarts: 0,
  restartsLeft: 3,
  level: 'thread',
  score: 0,
  trust: 'trusted',
  approval: 'approved',
  ...more,
})
const supervisor = (name: string, children: TreeReport['tree']['children']): TreeReport['tree'] => ({
  supervisor: name,
  state: 'running',
  health: 'healthy',
  since: 0,
  strategy: 'one-for-one',
  profile: 'bulkhead',
  isPool: false,
  children,
})
const report: TreeReport = {
  root: '/tree',
  children: [child('a'), child('b'), child('c')],
  tree: supervisor('root', ['a', supervisor('pool', ['b']), 'c']),
}
const event = (seq: number, time = seq): HealthEvent => ({ seq, time, type: 'child.ready', supervisor: 'root' })
const denial = (id: string, time: number) => ({ id, time, child: 'a', count: 1 }) as DenialReport
const health = (id: string) => ({ id, status: 'ok' }) as HealthStatusReport
const samples = (from: number, count: number): readonly SampleReport[] =>
  Array.from({ length: count }, (_, index) => ({ time: from + index, children: [] }))

describe('the stream', () => {
  const stream =
    'retry: 1000\n\nid: x-1\nevent: tree\ndata: {"a":\r\ndata:1}\n\n:\n\ndata: bare\n\nevent: nothing\n\nodd\n\n'

  it('is cut into the same messages wherever the pieces end', () => {
    const whole = new StreamParser().push(stream)
    expect(whole).toEqual([
      { id: 'x-1', event: 'tree', data: '{"a":\n1}' },
      { id: 'x-1', event: 'message', data: 'bare' },
    ])
    for (let size = 1; size < stream.length; size += 1) {
      const parser = new StreamParser()
      const pieces = stream.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(whole)
      expect(parser.lastId).toBe('x-1')
    }
  })

  it('is given up when a line does not end', () => {
    const parser = new StreamParser()
    expect(parser.push('x'.repeat(messageCharactersMax))).toEqual([])
    expect(() => parser.push('x')).toThrow(RangeError)
  })

  it('becomes what happens, and says what was missed', () => {
    expect(happeningOf('{"kind":"event","cursor":"x-1","event":{"seq":1}}', 5)).toMatchObject({ kind: 'event' })
    expect(happeningOf('{"kind":"health","health":{"id":"x"}}', 5)).toEqual({
      kind: 'health',
      health: { id: 'x' },
      at: 5,
    })
    const missed = happeningOf('{"kind":"missed","count":7,"why":"too-old"}', 5)
    expect(missed).toEqual({ kind: 'note', at: 5, text: 'missed 7 events: they are no longer kept' })
    expect(happeningOf('{"kind":"missed","count":0,"why":"other-runtime"}', 5)).toMatchObject({
      text: 'missed an unknown number of events: they were of another runtime, which ended',
    })
  })
})

describe('what the page knows', () => {
  it('keeps lines in the order of their times, and so many', () => {
    let state = stateAfter(nothingKnown, { kind: 'event', event: event(1, 10) })
    state = stateAfter(state, { kind: 'event', event: event(2, 30) })
    state = stateAfter(state, { kind: 'denials', denials: [denial('x-1', 20), denial('x-2', 5)] })
    expect(state.entries.map(({ time }) => time)).toEqual([30, 20, 10, 5])
    for (let seq = 3; seq < entriesMax + 3; seq += 1)
      state = stateAfter(state, { kind: 'event', event: event(seq, seq + 100) })
    expect(state.entries).toHaveLength(entriesMax)
    expect(state.entries[0]?.time).toBe(entriesMax + 102)
    expect(state.entryNumber).toBe(entriesMax + 4)
  })

  it('does not repeat denials that come again', () => {
    const once = stateAfter(nothingKnown, { kind: 'denials', denials: [denial('x-1', 1)] })
    expect(stateAfter(once, { kind: 'denials', denials: [denial('x-1', 1)] }).entries).toHaveLength(1)
    expect(stateAfter(once, { kind: 'denials', denials: [denial('y-1', 1)] }).entries).toHaveLength(2)
  })

  it('counts what each child was refused', () => {
    const denials = [denial('x-1', 1), { ...denial('x-2', 2), count: 4 }, { ...denial('x-3', 3), child: 'b' }]
    const state = stateAfter(nothingKnown, { kind: 'denials', denials })
    expect([...deniedByChild(stateAfter(state, { kind: 'event', event: event(1) }).entries)].sort()).toEqual([
      ['a', 5],
      ['b', 1],
    ])
  })

  it('keeps five minutes of samples, none twice', () => {
    let state = stateAfter(nothingKnown, { kind: 'samples', samples: samples(1, samplesMax) })
    state = stateAfter(state, { kind: 'samples', samples: samples(samplesMax - 5, 10) })
    expect(state.samples.map(({ time }) => time)).toEqual(samples(5, samplesMax).map(({ time }) => time))
  })

  it('says when it is another runtime, and forgets what the old one measured', () => {
    let state = stateAfter(nothingKnown, { kind: 'health', health: health('one'), at: 1 })
    state = stateAfter(state, { kind: 'samples', samples: samples(1, 3) })
    state = stateAfter(state, { kind: 'health', health: health('one'), at: 2 })
    expect([state.entries.length, state.samples.length]).toEqual([0, 3])
    state = stateAfter(state, { kind: 'health', health: health('two'), at: 3 })
    expect(state.samples).toEqual([])
    expect(state.entries).toMatchObject([{ kind: 'note', text: expect.stringContaining('started anew') }])
  })

  it('takes the newest tree, queue and connection', () => {
    let state = stateAfter(nothingKnown, { kind: 'tree', tree: report })
    state = stateAfter(state, { kind: 'reviews', reviews: [] })
    state = stateAfter(state, { kind: 'connection', connection: { kind: 'live', since: 1 } })
    state = stateAfter(state, { kind: 'note', at: 2, text: 'hm' })
    expect(state).toMatchObject({ tree: report, connection: { kind: 'live' }, entries: [{ text: 'hm' }] })
  })
})

describe('the tree', () => {
  const rows = flattenTree(report, new Set())

  it('is lines in start order, each with its place', () => {
    expect(rows.map(({ key, depth, place, siblings }) => [key, depth, place, siblings])).toEqual([
      ['s:root', 1, 1, 1],
      ['c:a', 2, 1, 3],
      ['s:pool', 2, 2, 3],
      ['c:b', 3, 1, 1],
      ['c:c', 2, 3, 3],
    ])
    expect(flattenTree(report, new Set(['s:pool'])).map(({ key }) => key)).toEqual(['s:root', 'c:a', 's:pool', 'c:c'])
  })

  it('leaves out a child that it was told nothing of', () => {
    expect(flattenTree({ ...report, children: [] }, new Set()).map(({ kind }) => kind)).toEqual([
      'supervisor',
      'supervisor',
    ])
  })

  it('is gone through with the keys of a tree view', () => {
    const go = (key: string) => ({ kind: 'go', key })
    expect(moveInTree(rows, 's:root', 'ArrowDown')).toEqual(go('c:a'))
    expect(moveInTree(rows, 'c:c', 'ArrowDown')).toBe(undefined)
    expect(moveInTree(rows, 's:root', 'ArrowUp')).toBe(undefined)
    expect(moveInTree(rows, 'c:a', 'ArrowUp')).toEqual(go('s:root'))
    expect(moveInTree(rows, 'c:a', 'End')).toEqual(go('c:c'))
    expect(moveInTree(rows, 'c:a', 'Home')).toEqual(go('s:root'))
    expect(moveInTree(rows, 's:pool', 'ArrowRight')).toEqual(go('c:b'))
    expect(moveInTree(rows, 's:pool', 'ArrowLeft')).toEqual({ kind: 'close', key: 's:pool' })
    expect(moveInTree(rows, 'c:b', 'ArrowLeft')).toEqual(go('s:pool'))
    expect(moveInTree(rows, 'c:b', 'ArrowRight')).toBe(undefined)
    expect(moveInTree(rows, 'gone', 'ArrowLeft')).toBe(undefined)
    const closed = flattenTree(report, new Set(['s:pool', 's:root']))
    expect(moveInTree(closed, 's:root', 'ArrowRight')).toEqual({ kind: 'open', key: 's:root' })
    expect(moveInTree(closed, 's:root', 'ArrowLeft')).toBe(undefined)
  })
})

describe('words and numbers', () => {
  it('are of one form', () => {
    expect([0, 1023, 1024, 1536, 64 * 2 ** 20, 2 ** 60].map(bytesText)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '64 MiB',
      '1048576 TiB',
    ])
    expect([-5, 59_999, 200_000, 7_320_000, 90_000_000].map(durationText)).toEqual([
      '0 s',
      '59 s',
      '3 min 20 s',
      '2 h 2 min',
      '1 d 1 h',
    ])
    expect([0, 0.44, 12.4].map(rateText)).toEqual(['0', '0.4', '12'])
    expect([countText(1, 'risk'), countText(2, 'capability', 'capabilities')]).toEqual(['1 risk', '2 capabilities'])
    expect(clockText(new Date(2026, 1, 2, 3, 4, 5).getTime())).toBe('03:04:05')
  })

  it('tell a state by a sign and a word, never by colour alone', () => {
    expect(childStanding(child('a', { health: 'degraded' }))).toMatchObject({ sign: '◑', words: 'running, degraded' })
    expect(childStanding(child('a', { state: 'quarantined' }))).toMatchObject({ sign: '⊘', tone: 'bad' })
    expect(childStanding(child('a', { state: 'unheard-of' }))).toMatchObject({ sign: '?', words: 'unheard-of' })
    const standing = (health: 'healthy' | 'degraded' | 'failed') => supervisorStanding({ ...report.tree, health }).words
    expect((['healthy', 'degraded', 'failed'] as const).map(standing)).toEqual(['running', 'degraded', 'failed'])
    expect((['ok', 'degraded', 'failed'] as const).map((one) => statusStanding(one).sign)).toEqual(['●', '▲', '✕'])
  })

  it('tell an event in a line', () => {
    const exited = {
      ...event(1),
      type: 'child.exited',
      reason: 'trap',
      class: 'crash',
      delayMs: 250,
      restartsLeft: 2,
    } as const
    expect(describeEvent(exited)).toBe('trap · class crash · again in 250 ms · 2 restarts left')
    const moved = { ...event(1), from: 'running', level: 'reduced', delayMs: 2000, tookMs: 12.4 }
    expect(describeEvent(moved)).toBe('running → ? · level reduced · again in 2 s · took 12 ms')
    expect(describeEvent({ ...event(1), to: 'ready' })).toBe('? → ready')
    expect(['child.ready', 'child.exited', 'security.violation'].map(gravityOf)).toEqual(['quiet', 'warn', 'bad'])
  })
})

describe('what can be ordered', () => {
  it('depends on how the child stands', () => {
    expect(ordersFor(child('a'))).toEqual(['restart', 'stop'])
    expect(ordersFor(child('a', { level: 'reduced' }))).toEqual(['restart', 'stop', 'release'])
    expect(ordersFor(child('a', { state: 'stopped' }))).toEqual(['start'])
    expect(ordersFor(child('a', { state: 'quarantined', level: 'quarantine' }))).toEqual(['release'])
    expect(ordersFor(child('a', { state: 'waiting' }))).toEqual([])
  })

  it('of a request may be all, less, or nothing', () => {
    const ask = {
      kind: 'filesystem',
      actions: ['read', 'write'],
      pattern: '/d/**',
      words: '',
      optional: false,
      why: [],
    } as const
    const asks = [ask, { ...ask, actions: ['read'], pattern: '/e' }]
    expect(narrowed(asks, ['/d/**', '/e'])).toBe(undefined)
    expect(narrowed(asks, ['/d/a', undefined])).toEqual(['filesystem.read=/d/a', 'filesystem.write=/d/a'])
    expect(narrowed(asks, [undefined, ' '])).toEqual([])
  })
})
