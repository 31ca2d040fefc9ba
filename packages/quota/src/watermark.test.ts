import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepWatermark, type UsageMark } from './watermark.js'

/** The marks that were raised by samples of a quota of 100. */
function raisedBy(...samples: readonly number[]): readonly number[] {
  let mark: UsageMark = 0
  return samples.flatMap((used) => {
    const step = stepWatermark(mark, { used, limit: 100 })
    mark = step.mark
    return step.raised ?? []
  })
}

describe('a watermark', () => {
  it('is raised once on the way up, at 80, 95 and 100 percent', () => {
    expect(raisedBy(79, 80, 94, 95, 99, 100, 100)).toEqual([80, 95, 100])
    expect(raisedBy(100)).toEqual([100])
  })

  it('is not raised again by a quota that hovers, and is after five points below', () => {
    expect(raisedBy(80, 79, 80, 75, 80)).toEqual([80])
    expect(raisedBy(80, 74, 80)).toEqual([80, 80])
    expect(raisedBy(100, 95, 100)).toEqual([100])
    expect(raisedBy(100, 94, 100)).toEqual([100, 100])
    expect(raisedBy(100, 94, 95)).toEqual([100])
    expect(raisedBy(95, 89, 95)).toEqual([95, 95])
  })

  it('is exact for large amounts, and below for zero of zero', () => {
    const limit = Number.MAX_SAFE_INTEGER
    expect(stepWatermark(0, { used: limit - 1, limit })).toEqual({ mark: 95, raised: 95 })
    expect(stepWatermark(0, { used: limit, limit })).toEqual({ mark: 100, raised: 100 })
    expect(stepWatermark(0, { used: 0, limit: 0 })).toEqual({ mark: 0 })
    expect(stepWatermark(0, { used: 1, limit: 0 })).toEqual({ mark: 100, raised: 100 })
  })

  it('is raised only by a sample at or above it, and rises only so', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120)), (samples) => {
        let mark: UsageMark = 0
        for (const used of samples) {
          const step = stepWatermark(mark, { used, limit: 100 })
          expect(step.raised === undefined).toBe(step.mark <= mark)
          if (step.raised !== undefined) expect(used).toBeGreaterThanOrEqual(step.raised)
          expect(used).toBeGreaterThanOrEqual(step.mark === 0 ? 0 : step.mark - 5)
          mark = step.mark
        }
      }),
    )
  })
})
