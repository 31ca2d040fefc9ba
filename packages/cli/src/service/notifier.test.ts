import { expect, it } from 'vitest'
import { Notifier, watchdogMs } from './notifier.js'

function manager(deliver?: (assignments: readonly string[]) => Promise<void>) {
  const told: (readonly string[])[] = []
  const failures: string[] = []
  const ticks = new Set<() => void>()
  let nowUs = 5_000_000n
  const notifier = new Notifier({
    deliver:
      deliver ??
      (async (assignments) => {
        told.push(assignments)
      }),
    monotonicUs: () => nowUs,
    every: (_ms, act) => {
      ticks.add(act)
      return () => ticks.delete(act)
    },
    onFailure: (reason) => failures.push(reason),
  })
  const tick = async (): Promise<void> => {
    for (const act of ticks) act()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const later = (us: bigint): void => {
    nowUs += us
  }
  return { notifier, told, failures, tick, later }
}

it('tells one thing after the other', async () => {
  const { notifier, told, later } = manager()
  notifier.preparing('preparing a.wasm')
  notifier.preparing('preparing b.wasm')
  later(6_000_000n)
  notifier.preparing('preparing c.wasm')
  notifier.ready('2 running')
  notifier.status('2 running')
  notifier.status('1 running, 1 quarantined\nREADY=1')
  notifier.reloading()
  notifier.stopping('stopping')
  await notifier.close()
  expect(told).toEqual([
    ['EXTEND_TIMEOUT_USEC=120000000', 'STATUS=preparing a.wasm'],
    ['EXTEND_TIMEOUT_USEC=120000000', 'STATUS=preparing c.wasm'],
    ['READY=1', 'STATUS=2 running'],
    ['STATUS=1 running, 1 quarantined READY=1'],
    ['RELOADING=1', 'MONOTONIC_USEC=11000000'],
    ['STOPPING=1', 'STATUS=stopping'],
  ])
})

it('says that it lives while it lives, and not after it was told to stop', async () => {
  const { notifier, told, tick } = manager()
  let isLive = true
  notifier.watch({ everyMs: 10, isLive: () => isLive })
  await tick()
  isLive = false
  await tick()
  isLive = true
  await tick()
  notifier.stopping('bye')
  await tick()
  await notifier.close()
  expect(told).toEqual([['WATCHDOG=1'], ['WATCHDOG=1'], ['STOPPING=1', 'STATUS=bye']])
})

it('says once that nobody can be told, and goes on', async () => {
  const { notifier, failures } = manager(async () => {
    throw new Error('nobody is there')
  })
  notifier.ready('1 running')
  notifier.status('2 running')
  await notifier.close()
  notifier.stopping('bye')
  await notifier.close()
  expect(failures).toEqual(['nobody is there'])
})

it.each([
  [{ WATCHDOG_USEC: '3000000' }, 1_500],
  [{ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '42' }, 1_500],
  [{ WATCHDOG_USEC: '1' }, 1],
  [{ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '43' }, undefined],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{ WATCHDOG_USEC: 'soon' }, undefined],
  [{}, undefined],
])('takes half of the time that the watchdog gives: %j', (environment, ms) => {
  expect(watchdogMs(environment, 42)).toBe(ms)
})
