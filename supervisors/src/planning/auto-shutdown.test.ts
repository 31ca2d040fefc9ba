import { expect, it } from 'vitest'
import { endsSupervisor } from './auto-shutdown.js'

it.each([
  ['never', true, 0, false],
  ['any_significant', true, 3, true],
  ['any_significant', false, 0, false],
  ['all_significant', true, 1, false],
  ['all_significant', true, 0, true],
  ['all_significant', false, 0, false],
] as const)('%s, significant: %s, others left: %i → %s', (mode, isSignificant, left, ends) => {
  expect(endsSupervisor(mode, isSignificant, left)).toBe(ends)
})
