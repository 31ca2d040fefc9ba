import { expect, test } from 'vitest'
import { Ledger } from './ledger.js'

test('both sides see one memory', () => {
  const host = new Ledger()
  const worker = new Ledger(host.memory)
  expect(worker.hostility).toBeUndefined()
  worker.hostility = 'type-violation'
  worker.memoryBytes = 2 ** 33
  host.observedVersion = 7
  expect([host.hostility, host.memoryBytes, worker.observedVersion]).toEqual(['type-violation', 2 ** 33, 7])
})

test('a stop wakes a guest that parks afterwards with an older count', () => {
  const ledger = new Ledger()
  const seen = ledger.wakeCount()
  ledger.requestStop()
  ledger.park(seen, 60_000) // would block for a minute if the wake-up were lost
  expect(ledger.stopping).toBe(true)
})

test('host waits add up, the present one included', () => {
  const ledger = new Ledger()
  ledger.beginHostWait(100n)
  expect(ledger.hostWaitNs(150n)).toBe(50n)
  ledger.endHostWait(160n)
  expect(ledger.hostWaitNs(500n)).toBe(60n)
  ledger.endHostWait(700n) // an end without a beginning adds nothing
  expect(ledger.hostWaitNs(700n)).toBe(60n)
})

test('what the guard has counted is read as it was written', () => {
  const worker = new Ledger()
  const counters = {
    checksGranted: 2 ** 40,
    checksDenied: 2,
    cacheHits: 3,
    cacheMisses: 4,
    checksTimed: 5,
    checksTimedNs: 6,
    byKind: Array.from({ length: 14 }, (_, index) => 100 + index),
  }
  worker.beginHostWait(7n)
  worker.counters = counters
  const host = new Ledger(worker.memory)
  expect(host.counters).toEqual(counters)
  expect(host.hostWaitNs(10n)).toBe(3n)
  worker.countCpuReading()
  expect(host.cpuReadings).toBe(1)
})
