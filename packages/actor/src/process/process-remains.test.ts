import type { AccessRecord } from '@bulkhead/vocabulary'
import { describe, expect, it, vi } from 'vitest'
import { watchMemory } from './memory-watch.js'
import { PipeAudit } from './pipe-audit.js'
import { heldBytes, isGone, limitUpTo, processFacts } from './proc-facts.js'
import { deathOf, type Remains } from './process-death.js'
import { dataLimit } from './process-memory.js'
import { SandboxStatus } from './sandbox-status.js'

describe('what bubblewrap says', () => {
  it('is read in whatever pieces it comes', () => {
    const status = new SandboxStatus()
    status.push('{ "child-p')
    expect(status.childPid).toBeUndefined()
    status.push('id": 4711, "net-namespace": 1 }\n')
    expect([status.childPid, status.exitCode]).toEqual([4711, undefined])
    status.push('{ "exit-code": 137 }\n')
    expect([status.childPid, status.exitCode]).toEqual([4711, 137])
  })
})

describe('the death of a process', () => {
  const remains: Remains = {
    outer: { exitCode: 137, signalCode: null },
    status: { exitCode: undefined },
    diagnostics: '',
    early: false,
  }
  it.each([
    [{}, 'the process ended with exit code 137: nothing was said'],
    [
      { status: { exitCode: 139 }, diagnostics: '\n  \nassertion failed\nmore' },
      'the process ended with exit code 139: assertion failed',
    ],
    [{ outer: { exitCode: null, signalCode: 'SIGKILL' } }, 'the process ended with SIGKILL: nothing was said'],
    [{ early: true, diagnostics: 'bwrap: no permission\n' }, 'the process could not be started: bwrap: no permission'],
  ])('%j', (change, message) => {
    expect(deathOf({ ...remains, ...change }).message).toBe(message)
  })

  it('by exhausted memory is told apart', () => {
    const diagnostics = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
    expect(deathOf({ ...remains, diagnostics })).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
  })
})

describe.runIf(process.platform === 'linux')('a process', () => {
  it('is known by its number and its start', () => {
    const facts = processFacts(process.pid)
    expect(facts?.cpuMs).toBeGreaterThan(0)
    expect(heldBytes(process.pid)).toBeGreaterThan(10 * 1024 * 1024)
    const self = { pid: process.pid, startTicks: facts?.startTicks ?? 0 }
    expect(isGone(self)).toBe(false)
    expect(isGone({ ...self, startTicks: self.startTicks + 1 })).toBe(true)
    expect(isGone({ pid: 2 ** 22 + 1, startTicks: 0 })).toBe(true)
    expect(heldBytes(2 ** 22 + 1)).toBe(0)
  })
})

it.runIf(process.platform === 'linux')('a limit is as low as asked for, or as the own one', () => {
  expect(limitUpTo(16, 'open files')).toBe(16)
  expect(limitUpTo(2 ** 40, 'open files')).toBeLessThan(2 ** 40)
  expect(limitUpTo(65_536, 'stack size')).toBe(65_536)
})

it('the limit of data lets through what newer V8 reserves for machine code', () => {
  const mebibyte = 1024 * 1024
  const older =
    '7f0000000000-7f0000100000 rw-p 00000000 00:00 0 [heap]\n7f1000000000-7f1000010000 r-xp 00000000 00:00 0\n'
  expect(dataLimit(100 * mebibyte, older)).toBe(100 * mebibyte)
  const newer = `${older}7f2000000000-7f201fd00000 rwxp 00000000 00:00 0\n`
  expect(dataLimit(100 * mebibyte, newer)).toBe((100 + 2 * 512) * mebibyte)
  expect(dataLimit(0)).toBeGreaterThanOrEqual(0)
})

it('memory beyond what is allowed is told once', () => {
  vi.useFakeTimers()
  let held = 10
  const told: number[] = []
  const watch = watchMemory(
    () => held,
    10,
    (bytes) => told.push(bytes),
  )
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([])
  held = 11
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([11])
  watch.stop()
  vi.useRealTimers()
})

describe('a record in the pipe', () => {
  const record: AccessRecord = {
    at: 1n,
    policyVersion: 1,
    kind: 'filesystem',
    action: 'read',
    resource: '/a',
    verdict: 'granted',
    layer: 'manifest',
    count: 1,
  }

  it('is written whole, also when the kernel takes it in pieces', () => {
    const written: number[] = []
    const writeSync = (_descriptor: number, bytes: Uint8Array, at: number, length: number) => {
      const taken = Math.min(length, 7)
      written.push(...bytes.subarray(at, at + taken))
      return taken
    }
    const audit = new PipeAudit({ writeSync } as never, 4, process.hrtime.bigint)
    audit.append(record)
    audit.flush()
    expect(Buffer.from(written).readUInt32LE(0)).toBe(written.length - 4)
  })

  it('beyond the rate waits; what repeats one does not', () => {
    let taken = 0
    const writeSync = (_descriptor: number, _bytes: Uint8Array, _at: number, length: number) => {
      taken += 1
      return length
    }
    const audit = new PipeAudit({ writeSync } as never, 4, process.hrtime.bigint)
    const began = performance.now()
    for (let count = 0; count < 20_000; count++) audit.append(record)
    const repeatsMs = performance.now() - began
    for (let count = 0; count < 2_200; count++) audit.append({ ...record, resource: `/${count}` })
    // Two thousand at once, and the others at two thousand a second.
    expect(performance.now() - began - repeatsMs).toBeGreaterThan(50)
    expect(taken).toBe(22_200)
  })

  it('that broke off is the last: nothing may be done any more', () => {
    let breaks = true
    const writeSync = (_descriptor: number, _bytes: Uint8Array, _at: number, length: number) => {
      if (breaks) throw new RangeError('Maximum call stack size exceeded')
      return length
    }
    const audit = new PipeAudit({ writeSync } as never, 4, process.hrtime.bigint)
    expect(() => audit.append(record)).toThrow(RangeError)
    breaks = false
    expect(() => audit.append(record)).toThrow('the audit pipe was left inside a record')
  })
})
