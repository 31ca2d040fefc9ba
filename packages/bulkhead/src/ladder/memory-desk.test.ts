import type { AdmissionPort, HostMemory } from '@bulkhead/supervisors'
import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryDesk } from './memory-desk.js'

const mebibyte = 1024 * 1024
const claim = { linearBytesMax: 60 * mebibyte, heapBytesMax: 39 * mebibyte, ringBytes: mebibyte }
const open: AdmissionPort = { state: () => ({ kind: 'open' }), onChange: () => () => {} }
let residentBytes = 0
let told: string[] = []

beforeEach(() => {
  residentBytes = 0
  told = []
})

function desk(overcommit = 1): MemoryDesk {
  const memory = (): HostMemory => ({ physicalBytes: 1_000 * mebibyte, residentBytes })
  return new MemoryDesk({ overcommit, memory })
}

function admitted(of: MemoryDesk, member: string, first = open): boolean {
  const admission = of.admission(member, first, () => claim)
  admission.onChange(() => told.push(member))
  const isOpen = admission.state().kind === 'open'
  if (isOpen) of.started(member, claim)
  return isOpen
}

describe('admission by memory', () => {
  it('promises what it has, and not one child more', () => {
    const memory = desk()
    expect(memory.budgetBytes).toBe(700 * mebibyte)
    for (let n = 0; n < 7; n++) expect(admitted(memory, `m${n}`), `m${n}`).toBe(true)
    expect(admitted(memory, 'late')).toBe(false)
    expect(memory.waitsFor('late')).toMatch(/^memory: its 104857600 bytes would make/)
    expect(admitted(desk(2), 'other')).toBe(true)
  })

  it('tells those that wait when one has ended, and nobody else', () => {
    const memory = desk()
    for (let n = 0; n < 7; n++) admitted(memory, `m${n}`)
    admitted(memory, 'late')
    memory.ended('m3')
    expect(told).toEqual(['late'])
    expect(admitted(memory, 'late')).toBe(true)
    expect(memory.waitsFor('late')).toBeUndefined()
  })

  it('counts a member once, however often it is started', () => {
    const memory = desk()
    for (let n = 0; n < 20; n++) expect(admitted(memory, 'm')).toBe(true)
  })

  it('asks for memory only when nothing else keeps a child from its start', () => {
    const memory = desk()
    residentBytes = 990 * mebibyte
    const waiting: AdmissionPort = { ...open, state: () => ({ kind: 'waiting', reason: 'approval-required' }) }
    expect(memory.admission('m', waiting, () => claim).state()).toEqual({
      kind: 'waiting',
      reason: 'approval-required',
    })
    expect(memory.waitsFor('m')).toBeUndefined()
  })

  it('admits nobody while too much is resident, and looks again', () => {
    const memory = desk()
    residentBytes = 850 * mebibyte
    expect(admitted(memory, 'm')).toBe(false)
    residentBytes = 849 * mebibyte
    memory.look()
    expect(told).toEqual(['m'])
    expect(admitted(memory, 'm')).toBe(true)
  })

  it('hears no more of who is gone', () => {
    const memory = desk()
    residentBytes = 900 * mebibyte
    const admission = memory.admission('m', open, () => claim)
    const forget = admission.onChange(() => told.push('m'))
    admission.state()
    forget()
    memory.look()
    expect(told).toEqual([])
  })

  it('names who is furthest over its share once memory runs out', () => {
    const memory = desk()
    for (const member of ['small', 'large']) admitted(memory, member)
    const used = [
      { id: 'small', usedBytes: 90 * mebibyte },
      { id: 'large', usedBytes: 300 * mebibyte },
    ]
    expect(memory.overShare(used)).toBeUndefined()
    residentBytes = 950 * mebibyte
    expect(memory.overShare(used)).toBe('large')
  })
})
