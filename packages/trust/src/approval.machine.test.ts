import { approvalStates } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { type ApprovalEvent, approvalMachine, nextApprovalState } from './approval.machine.js'

const events = [
  'trust',
  'bypass',
  'begin',
  'approve',
  'deny',
  'change',
] as const satisfies readonly ApprovalEvent['type'][]

// Every state with every event; `-` cannot happen.
const table = {
  //               trust            bypass      begin        approve     deny      change
  pending: ['auto-approved', 'bypassed', 'reviewing', 'approved', 'denied', 'pending'],
  reviewing: ['-', '-', 'reviewing', 'approved', 'denied', 'pending'],
  approved: ['-', '-', '-', 'approved', 'denied', 'pending'],
  denied: ['-', '-', '-', 'approved', 'denied', 'pending'],
  'auto-approved': ['-', '-', '-', '-', 'denied', 'pending'],
  bypassed: ['auto-approved', '-', '-', 'approved', 'denied', 'pending'],
} as const

describe('the approval machine', () => {
  it('has the states of the vocabulary, and starts pending', () => {
    expect(Object.keys(table).sort()).toEqual([...approvalStates].sort())
    expect(Object.keys(approvalMachine.states).sort()).toEqual([...approvalStates].sort())
    expect(createActor(approvalMachine).getSnapshot().value).toBe('pending')
  })

  const transitions = approvalStates.flatMap((state) =>
    events.map((event, index) => [state, event, table[state][index] ?? '-'] as const),
  )
  it.each(transitions)('%s, %s: %s', (state, type, to) => {
    expect(nextApprovalState(state, { type }) ?? '-').toBe(to)
  })

  it('leads out of a denial by an explicit approval or a change alone', () => {
    const ways = events.filter((type) => ![undefined, 'denied'].includes(nextApprovalState('denied', { type })))
    expect(ways).toEqual(['approve', 'change'])
  })
})
