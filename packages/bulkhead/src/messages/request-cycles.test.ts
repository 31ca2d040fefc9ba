import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cycleKeptMs } from '../limits.js'
import { TestExchange } from './exchange.test.support.js'
import { findCycles, RequestCycles } from './request-cycles.js'

describe('cycles of requests', () => {
  it('are the rings, without those who wait for one', () => {
    const waits = new Map([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
      ['d', 'd'],
      ['e', 'nobody'],
    ])
    expect(findCycles(waits)).toEqual([['b', 'c'], ['d']])
    expect(findCycles(new Map())).toEqual([])
  })

  it('are exactly those members who come back to themselves', () => {
    const edges = fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 12 })
    fc.assert(
      fc.property(edges, (pairs) => {
        const waits = new Map(pairs.map(([one, other]) => [`${one}`, `${other}`]))
        const comesBack = (start: string): boolean => {
          let at = waits.get(start)
          for (let steps = 0; steps < 10 && at !== undefined && at !== start; steps++) at = waits.get(at)
          return at === start
        }
        const inCycles = findCycles(waits).flat()
        expect([...inCycles].sort()).toEqual([...waits.keys()].filter(comesBack).sort())
      }),
    )
  })

  it('are seen in the ledgers, remembered until the timeout is told, and forgotten after a minute', () => {
    const lab = new TestExchange()
    for (const id of ['price', 'catalogue', 'book']) lab.add({ id, request: ['>'], subscribe: [`${id}.*`] })
    const [price, catalogue, book] = ['price', 'catalogue', 'book'].map((id) => lab.start(id))
    const cycles = new RequestCycles(lab.exchange, () => lab.clock.wallMs())
    expect(cycles.scan()).toBe(false)
    if (price === undefined || catalogue === undefined || book === undefined) throw new Error('they are three')
    price.awaited = catalogue.begin.mailbox?.id
    catalogue.awaited = price.begin.mailbox?.id
    book.awaited = price.begin.mailbox?.id
    expect(cycles.scan()).toBe(true)
    expect(cycles.ofChild('price')).toBe('price → catalogue → price')
    expect(cycles.ofChild('catalogue')).toBe('catalogue → price → catalogue')
    expect(cycles.ofChild('book')).toBeUndefined()
    const [member] = lab.exchange.members
    if (member !== undefined) cycles.forget(member)
    expect(cycles.ofChild('price')).toBeUndefined()
    catalogue.awaited = undefined
    lab.clock.advance(cycleKeptMs + 1)
    cycles.scan()
    expect(cycles.ofChild('catalogue')).toBeUndefined()
  })
})
