import { type ChildId, parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { StormGuard } from './planning/storm-guard.js'
import { TurnDesk } from './turn-desk.js'

function desk() {
  const clock = new SimulatedClock()
  const guard = new StormGuard()
  const turns = new TurnDesk(guard, clock)
  const started: ChildId[] = []
  const told: string[] = []
  const ask = (supervisor: string, name: string, wants: () => boolean = () => true, then = () => undefined): void => {
    const child = parseChildId(name)
    const listener = {
      throttled: (delayMs: number) => void told.push(`${supervisor} throttled ${delayMs}`),
      open: () => void told.push(`${supervisor} open`),
    }
    const start = (): void => {
      started.push(child)
      then()
    }
    turns.ask(supervisor, listener, child, { wants, start })
  }
  return { clock, turns, started, told, ask, took: () => started.splice(0) }
}

it('starts at once as long as the guard lets it, and then says how long it takes', () => {
  const { ask, took, told, clock } = desk()
  for (let n = 0; n < 22; n++) ask('root', `c${n}`)
  expect([took().length, told]).toEqual([20, ['root throttled 1000']])
  clock.advance(999)
  expect(took()).toEqual([])
  clock.advance(1)
  expect([took(), told, clock.pendingTimers]).toEqual([['c20', 'c21'], ['root throttled 1000', 'root open'], 0])
})

it('serves supervisors round robin: who has one to restart does not wait for who has a hundred', () => {
  const { ask, took, clock } = desk()
  for (let n = 0; n < 100; n++) ask('stormy', `s${n}`)
  ask('quiet', 'q')
  expect(took()).toHaveLength(20)
  clock.advance(1_000)
  const second = took()
  expect([second.length, second.indexOf(parseChildId('q'))]).toEqual([20, 1])
})

it('uses no turn on who does not want any more, nor on whose supervisor has left', () => {
  const { ask, took, clock, turns, told } = desk()
  for (let n = 0; n < 20; n++) ask('root', `c${n}`)
  took()
  let wants = true
  ask('root', 'fickle', () => wants)
  ask('other', 'left')
  wants = false
  turns.leave('other')
  clock.advance(1_000)
  expect([took(), told.at(-1), clock.pendingTimers]).toEqual([[], 'root open', 0])
  turns.leave('root')
  ask('root', 'again')
  expect(took()).toEqual(['again'])
})

it('a child that asks twice has one turn, and what a start asks for comes after it', () => {
  const { ask, took, clock } = desk()
  for (let n = 0; n < 20; n++) ask('root', `c${n}`)
  took()
  ask('root', 'a', undefined, () => void ask('root', 'b'))
  ask('root', 'a', undefined, () => void ask('root', 'b'))
  clock.advance(1_000)
  expect(took()).toEqual(['a', 'b'])
})

it('keeps no timer when nobody is left to wait', () => {
  const { ask, turns, clock } = desk()
  for (let n = 0; n < 21; n++) ask('root', `c${n}`)
  expect(clock.pendingTimers).toBe(1)
  turns.leave('root')
  expect(clock.pendingTimers).toBe(0)
})
