import { type FaultClass, SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { Probation } from './probation.js'

function onProbation() {
  const clock = new SimulatedClock()
  const told: string[] = []
  const probation = new Probation(
    clock,
    60_000,
    (reason) => told.push(`failed: ${reason}`),
    () => told.push('passed'),
  )
  const exit = (faultClass: FaultClass) =>
    probation.heard({ type: 'child.exited', supervisor: 'root', class: faultClass, reason: faultClass })
  return { clock, told, probation, exit }
}

it('fails by the first fault of its own, once', () => {
  for (const fault of ['crash', 'resource', 'security'] as const) {
    const { clock, told, exit } = onProbation()
    exit(fault)
    exit('crash')
    clock.advance(60_000)
    expect(told).toEqual([`failed: ${fault}`])
    expect(clock.pendingTimers).toBe(0)
  }
})

it('is passed when its time is over: an end that was asked for, or was ours, is no fault', () => {
  const { clock, told, exit } = onProbation()
  for (const other of ['normal', 'shutdown', 'host'] as const) exit(other)
  clock.advance(60_000)
  exit('crash')
  expect(told).toEqual(['passed'])
})

it('that is ended tells nobody', () => {
  const { clock, told, probation, exit } = onProbation()
  expect([probation.end(), probation.end()]).toEqual([true, false])
  exit('crash')
  clock.advance(60_000)
  expect(told).toEqual([])
})
