import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admitByMemory, budgetBytes, childOverShare, claimedBytes, type HostMemory } from './admission-by-memory.js'

const gib = 1024 ** 3
const memory = (more: Partial<HostMemory> = {}): HostMemory => ({ physicalBytes: 10 * gib, residentBytes: 0, ...more })
const claim = (bytes: number) => ({ linearBytesMax: bytes / 2, heapBytesMax: bytes / 4, ringBytes: bytes / 4 })

describe('admission', () => {
  it('promises 0.7 of what there is, times the overcommit, and not a byte more', () => {
    const admit = (committed: number) => admitByMemory(claim(4 * gib), committed, memory(), 2).kind
    expect(admit(10 * gib)).toBe('open')
    expect(admit(10 * gib + 1)).toBe('waiting')
    expect(admitByMemory(claim(4 * gib), 3 * gib, memory(), 1).kind).toBe('open')
    expect(admitByMemory(claim(4 * gib), 3 * gib + 1, memory(), 1).kind).toBe('waiting')
  })

  it('takes the limit of the control group where that is less', () => {
    expect(admitByMemory(claim(4 * gib), 0, memory({ cgroupBytesMax: 2 * gib }), 2).kind).toBe('waiting')
    expect(admitByMemory(claim(4 * gib), 0, memory({ cgroupBytesMax: 20 * gib }), 2).kind).toBe('open')
  })

  it('waits while 0.85 of it are resident, and says so', () => {
    const residentBytes = 8.5 * gib
    expect(admitByMemory(claim(1_024), 0, memory({ residentBytes: residentBytes - 1 }), 2).kind).toBe('open')
    expect(admitByMemory(claim(1_024), 0, memory({ residentBytes }), 2)).toEqual({
      kind: 'waiting',
      reason: 'memory',
      detail: '9126805504 bytes are resident, 9126805504 may be',
    })
  })

  it('never promises more than the budget, over any order of starts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 * gib })), (claims) => {
        let committed = 0
        for (const bytes of claims) {
          if (admitByMemory(claim(bytes), committed, memory(), 2).kind === 'open')
            committed += claimedBytes(claim(bytes))
          expect(committed).toBeLessThanOrEqual(budgetBytes(memory(), 2))
        }
      }),
    )
  })
})

describe('the alarm', () => {
  const children = [
    { id: 'honest', usedBytes: 1 * gib, claimBytes: 4 * gib },
    { id: 'large', usedBytes: 4 * gib, claimBytes: 6 * gib },
    { id: 'greedy', usedBytes: 4 * gib, claimBytes: 4 * gib },
  ]

  it('stops the one furthest over its share', () => {
    expect(childOverShare(children, memory({ residentBytes: 9.1 * gib }))).toBe('greedy')
  })

  it('stops nobody below it, nor where the memory is nobody’s', () => {
    expect(childOverShare(children, memory({ residentBytes: 9 * gib }))).toBeUndefined()
    expect(childOverShare([], memory({ residentBytes: 10 * gib }))).toBeUndefined()
    const modest = [{ id: 'modest', usedBytes: 1 * gib, claimBytes: 2 * gib }]
    expect(childOverShare(modest, memory({ residentBytes: 10 * gib }))).toBeUndefined()
  })
})
