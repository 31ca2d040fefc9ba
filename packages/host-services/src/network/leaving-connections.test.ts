import { expect, it } from 'vitest'
import { LeavingConnections } from './leaving-connections.js'

function connection() {
  const one = {
    isGone: false,
    redecide: () => undefined,
    destroy: () => {
      one.isGone = true
    },
  }
  return one
}

it('ends a connection that does not leave, and forgets those that have', () => {
  const timers = new Set<() => void>()
  const after = (_ms: number, fire: () => void): (() => void) => {
    timers.add(fire)
    return () => void timers.delete(fire)
  }
  const leaving = new LeavingConnections({ after })
  const [slow, quick, last] = [connection(), connection(), connection()]
  leaving.add(slow)
  leaving.add(quick)
  quick.isGone = true
  leaving.add(last)
  expect(leaving.all).toEqual([slow, last])
  expect(timers.size).toBe(2)
  for (const fire of [...timers].slice(0, 1)) fire()
  expect([slow.isGone, last.isGone]).toEqual([true, false])
  leaving.destroyAll()
  expect(last.isGone).toBe(true)
  expect(leaving.all).toEqual([])
  expect(timers.size).toBe(0)
})
