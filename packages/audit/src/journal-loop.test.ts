import { describe, expect, it } from 'vitest'
import { Bell, createBell } from './bell.js'
import { UnwrittenLog } from './journal-log.js'
import { JournalLoop } from './journal-loop.js'
import type { FromJournal, ToJournal } from './journal-protocol.js'
import { ProbeCounter } from './probes.js'
import { StallWatch } from './stall-watch.js'
import { WallTime } from './wall-time.js'

describe('the loop on a disk that refuses for a while', () => {
  it('answers nothing until the write succeeded, stops its heartbeat, and then goes on', () => {
    const clock = { monotonicNs: () => 0n, wallMs: () => 0 }
    const said: string[] = []
    let refusals = 3
    class RefusingLog extends UnwrittenLog {
      override append(): number {
        said.push('append')
        return super.append()
      }
      override write(): void {
        if (refusals-- > 0) throw new Error('no space')
      }
      override sync(): void {
        said.push('sync')
      }
    }
    const messages: ToJournal[] = [{ type: 'note', note: 1, record: { event: 'released' } }, { type: 'close' }]
    new JournalLoop({
      log: new RefusingLog(),
      receive: () => messages.shift(),
      post: (message: FromJournal) => said.push(message.type),
      bell: new Bell(createBell()),
      beat: () => said.push('beat'),
      lstat: () => undefined,
      clock,
      time: new WallTime(0n, clock),
    }).run()
    expect(said).toEqual(['append', 'failing', 'sync', 'noted', 'closed'])
  })
})

describe('the watch over the journal', () => {
  it('says that it is stalled after five looks without a beat, once, and that it goes on', () => {
    const beats = new Int32Array(new SharedArrayBuffer(4))
    const said: string[] = []
    const watch = new StallWatch(beats, { onStalled: (reason) => said.push(reason), onResumed: () => said.push('on') })
    watch.look()
    for (let look = 0; look < 4; look++) watch.look()
    expect(said).toEqual([])
    watch.explain('no space')
    for (let look = 0; look < 4; look++) watch.look()
    expect(said).toEqual(['no space'])
    Atomics.add(beats, 0, 1)
    watch.look()
    expect(said).toEqual(['no space', 'on'])
  })
})

describe('the count of probes', () => {
  it('makes 256 distinct ones in 10 s one violation, and 255 none', () => {
    const probes = new ProbeCounter()
    const flooded: number[] = []
    for (let count = 1; count <= 255; count++) if (probes.count(`/${count}`, 0)) flooded.push(count)
    for (let count = 1; count <= 255; count++) if (probes.count(`/${count}`, 1)) flooded.push(count)
    expect(flooded).toEqual([])
    expect(probes.count('/256', 2)).toBe(true)
  })

  it('forgets what is older than 10 s', () => {
    const probes = new ProbeCounter()
    for (let count = 0; count < 255; count++) probes.count(`/${count}`, 0)
    expect(probes.count('/new', 10_000)).toBe(false)
  })

  it('tells of one flood for each 10 s', () => {
    const probes = new ProbeCounter()
    let floods = 0
    for (let count = 0; count < 2_000; count++) if (probes.count(`/${count}`, 5)) floods++
    expect(floods).toBe(1)
    for (let count = 0; count < 2_000; count++) if (probes.count(`/${count}`, 10_005)) floods++
    expect(floods).toBe(2)
  })
})

describe('wall time', () => {
  it('is as long ago as the record says, and now for what cannot be', () => {
    const time = new WallTime(5_000_000_000n, { monotonicNs: () => 9_000_000_000n, wallMs: () => 1_000_000 })
    expect(time.ofNs(1_000_000_000n)).toBe(997_000)
    expect(time.ofNs(99_000_000_000n)).toBe(1_000_000)
    expect(time.ofNs(-(2n ** 62n))).toBe(1_000_000)
  })
})
