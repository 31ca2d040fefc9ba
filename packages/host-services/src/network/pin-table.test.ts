import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pinLifeNs, pinsMax } from '../limits.js'
import { PinTable } from './pin-table.js'

it('forgets a pin ten minutes after its last use, and none that a socket holds', () => {
  let nowNs = 0n
  const pins = new PinTable(() => nowNs)
  pins.pin('1.1.1.1', 'one')
  pins.pin('1.1.1.1', 'two')
  pins.pin('2.2.2.2', 'one')
  nowNs = pinLifeNs - 1n
  expect(pins.namesOf('1.1.1.1')).toEqual(['one', 'two'])
  pins.use('1.1.1.1', 'two')
  const [release, releaseToo] = [pins.hold('2.2.2.2'), pins.hold('2.2.2.2')]
  nowNs = pinLifeNs * 2n - 2n
  expect([pins.namesOf('1.1.1.1'), pins.namesOf('2.2.2.2')]).toEqual([['two'], ['one']])
  nowNs *= 5n
  release()
  release()
  expect([pins.namesOf('1.1.1.1'), pins.namesOf('2.2.2.2')]).toEqual([[], ['one']])
  releaseToo()
  nowNs += pinLifeNs - 1n
  expect(pins.namesOf('2.2.2.2')).toEqual(['one'])
  nowNs += 1n
  expect(pins.namesOf('2.2.2.2')).toEqual([])
  pins.use('3.3.3.3', 'none')
  expect(pins.namesOf('3.3.3.3')).toEqual([])
})

it('holds 256, gives up the one that was used longest ago, and never one that is held', () => {
  const pins = new PinTable(() => 0n)
  for (let index = 0; index < pinsMax; index++) expect(pins.pin(`a${index}`, 'name')).toBe(true)
  pins.use('a0', 'name')
  pins.hold('a1')
  expect(pins.pin('new', 'name')).toBe(true)
  expect(['a0', 'a1', 'a2', 'new'].map((address) => pins.namesOf(address).length)).toEqual([1, 1, 0, 1])
  for (let index = 0; index < pinsMax; index++) pins.hold(`a${index}`)
  pins.hold('new')
  expect(pins.pin('one more', 'name')).toBe(false)
  expect(pins.pin('a1', 'name')).toBe(true)
  expect(pins.size).toBe(pinsMax)
})

it('names what was pinned and nothing else, whatever happens in whatever order', () => {
  const address = fc.constantFrom('1', '2', '3')
  const name = fc.constantFrom('x', 'y')
  const step = fc.record({ do: fc.constantFrom('pin', 'use', 'hold', 'release', 'wait'), address, name })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let nowNs = 0n
      const pins = new PinTable(() => nowNs)
      const pinned = new Set<string>()
      const releases: (() => void)[] = []
      for (const each of steps) {
        if (each.do === 'pin') pinned.add(`${each.address} ${each.name}`) && pins.pin(each.address, each.name)
        if (each.do === 'use') pins.use(each.address, each.name)
        if (each.do === 'hold') releases.push(pins.hold(each.address))
        if (each.do === 'release') releases.pop()?.()
        if (each.do === 'wait') nowNs += pinLifeNs / 3n
        for (const one of ['1', '2', '3']) {
          for (const found of pins.namesOf(one)) expect(pinned).toContain(`${one} ${found}`)
        }
      }
    }),
  )
})
