import { expect, it } from 'vitest'
import { Ledger } from '../ledger.js'
import { isInOlderCall } from '../older-calls.js'
import { BadClaim } from './from-child.js'
import { LedgerMirror, ledgerEntries } from './ledger-mirror.js'

function pair() {
  const there = new Ledger()
  const here = new Ledger()
  const mirror = new LedgerMirror(here)
  mirror.begin(1)
  there.observedVersion = 1
  return { there, here, mirror, tell: () => mirror.take(ledgerEntries(there)) }
}

it('shows what the ledger in the process says', () => {
  const { there, here, tell } = pair()
  there.enteredVersion = 1
  there.memoryBytes = 65_536
  there.countCpuReading()
  const byKind = Array.from({ length: 14 }, (_, index) => 100 + index)
  const checks = { checksGranted: 1, checksDenied: 2, cacheHits: 3, cacheMisses: 4, checksTimed: 5, checksTimedNs: 6 }
  there.counters = { ...checks, byKind }
  tell()
  expect([here.enteredVersion, here.memoryBytes, here.cpuReadings]).toEqual([1, 65_536, 1])
  expect(here.counters).toEqual(there.counters)
  expect(here.hostility).toBeUndefined()
  tell()
  expect(here.cpuReadings).toBe(1)
  there.hostility = 'type-violation'
  tell()
  expect(here.hostility).toBe('type-violation')
})

it('counts a guest as inside an older call until the process says that the newer rules are in force', () => {
  const { there, here, mirror, tell } = pair()
  mirror.announce(2)
  expect(isInOlderCall(here, 2)).toBe(true)
  there.enteredVersion = 0
  tell()
  expect(isInOlderCall(here, 2)).toBe(true)
  mirror.bind(2, 0)
  expect([isInOlderCall(here, 2), mirror.isBound]).toEqual([false, true])
  mirror.announce(3)
  mirror.bind(2, 0)
  expect(isInOlderCall(here, 3)).toBe(true)
  mirror.bind(3, 3)
  expect(isInOlderCall(here, 3)).toBe(false)
  mirror.announce(2)
  expect(here.observedVersion).toBe(3)
})

it('refuses what cannot be', () => {
  const { mirror, there } = pair()
  const entries = ledgerEntries(there)
  expect(() => mirror.take(entries.slice(1))).toThrow(BadClaim)
  expect(() => mirror.take([2, ...entries.slice(1)])).toThrow(BadClaim)
  expect(() => mirror.take([0, 5, ...entries.slice(2)])).toThrow(BadClaim)
  expect(() => mirror.bind(2, 0)).toThrow(BadClaim)
  expect(() => mirror.bind(1, 2)).toThrow(BadClaim)
})
