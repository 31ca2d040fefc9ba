import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cpuSamplesMax } from '../limits.js'
import { type CpuWindow, cpuVerdict, noteCpu } from './health-cpu.js'

/** A thread that uses so many percent of a core, sampled each second. */
function spin(percent: number, seconds: number, window: CpuWindow = []): CpuWindow {
  let { atMs, cpuMs } = window.at(-1) ?? { atMs: 0, cpuMs: 0 }
  let after = window.length === 0 ? noteCpu(window, { atMs, cpuMs }) : window
  for (let second = 0; second < seconds; second++) {
    atMs += 1_000
    cpuMs += 10 * percent
    after = noteCpu(after, { atMs, cpuMs })
  }
  return after
}

it.each([
  [50, 50, 'within'],
  [51, 50, 'over'],
  [100, 50, 'over'],
  [101, 50, 'stop'],
  [100, 100, 'within'],
  [350, 200, 'over'],
] as const)('a duty of %i %% with a share of %i %% is %s', (duty, share, kind) => {
  const verdict = cpuVerdict(spin(duty, 12), share)
  expect(verdict.kind).toBe(kind)
  expect(verdict.dutyPercent).toBeCloseTo(duty)
})

it('stops nobody before a whole window was seen', () => {
  expect(cpuVerdict(spin(100, 9), 10).kind).toBe('over')
  expect(cpuVerdict(spin(100, 10), 10).kind).toBe('stop')
  expect(cpuVerdict([], 10)).toEqual({ kind: 'within', dutyPercent: 0 })
  expect(cpuVerdict(spin(100, 0), 10).kind).toBe('within')
})

it('forgets what was before the window', () => {
  expect(cpuVerdict(spin(0, 10, spin(100, 10)), 50)).toEqual({ kind: 'within', dutyPercent: 0 })
})

it('keeps a bounded window that spans what it should, however often it is sampled', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 400 }), (waits) => {
      let window: CpuWindow = []
      let atMs = 0
      for (const wait of waits) {
        atMs += wait
        window = noteCpu(window, { atMs, cpuMs: atMs / 2 })
        expect(window.length).toBeLessThanOrEqual(cpuSamplesMax + 1)
        expect(window.at(-1)?.atMs).toBe(atMs)
        expect(window.slice(1).every((one) => one.atMs > atMs - 10_000)).toBe(true)
      }
    }),
  )
})
