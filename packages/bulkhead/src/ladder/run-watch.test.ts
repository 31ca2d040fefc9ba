import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { sampleMs } from '../limits.js'
import { HealthFeed } from './health-feed.js'
import { MemoryDesk } from './memory-desk.js'
import { RunWatch, type WatchedRun } from './run-watch.js'

function watched() {
  const clock = new SimulatedClock()
  const told: string[] = []
  const state = { residentBytes: 0, cpuMs: 0, messageMs: undefined as number | undefined, cpuPercent: 50 }
  const memory = new MemoryDesk({
    overcommit: 1,
    memory: () => ({ physicalBytes: 1_000, residentBytes: state.residentBytes }),
  })
  const run: WatchedRun = {
    ...{ id: 'a', isApart: false, messageDeadlineMs: 1_000, memoryBytes: () => 500 },
    ...{ cpuPercent: () => state.cpuPercent, cpuMs: () => state.cpuMs, messageMs: () => state.messageMs },
  }
  const watch = new RunWatch({
    ...{ clock, memory, runs: () => [run] },
    feed: new HealthFeed((member, seen) => {
      told.push(`${member} ${seen.source} ${seen.verdict === 'ill' ? seen.reason : 'well'}`)
    }),
    fault: (member, fault) => told.push(`${member} ${fault.class} ${fault.reason}`),
  })
  const second = (): string[] => {
    clock.advance(sampleMs)
    return told.splice(0)
  }
  return { watch, state, second }
}

it('tells of a message that takes more than half of its deadline', () => {
  const { state, second } = watched()
  expect(second()).toEqual([])
  state.messageMs = 500
  expect(second()).toEqual([])
  state.messageMs = 501
  expect(second()).toEqual(['a message one message has taken it 501 ms of 1 s'])
  state.messageMs = undefined
  expect(second()).toEqual(['a message well'])
})

it('tells of who uses more of the processor than its share', () => {
  const { state, second } = watched()
  second()
  state.cpuMs += sampleMs / 2
  expect(second()).toEqual([])
  state.cpuMs += sampleMs
  expect(second()).toEqual(['a cpu it uses 75 % of a core; its share is 50 %'])
})

it('does not look at the processor time of who may use all of a core', () => {
  const { state, second } = watched()
  state.cpuPercent = 100
  for (let n = 0; n < 5; n++) {
    state.cpuMs += 2 * sampleMs
    expect(second()).toEqual([])
  }
})

it('stops who is over its share of the memory when that runs out, and looks no more once closed', () => {
  const { watch, state, second } = watched()
  state.residentBytes = 950
  expect(second()).toEqual(['a resource memory runs out, and it is furthest over its share'])
  watch.close()
  expect(second()).toEqual([])
})
