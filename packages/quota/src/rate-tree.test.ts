import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { treeLevelsMax } from './limits.js'
import { RateChain } from './rate-chain.js'
import { paceOf, type RateSettings } from './rate-settings.js'
import { RateTree } from './rate-tree.js'
import { RateTreeCells } from './rate-tree-cells.js'

const perSecond = (amount: number, burst = amount): RateSettings => ({ rate: { amount, perMs: 1_000 }, burst })
/** One nanosecond each, so that what is spent is what was taken. */
const unit = (burst: number): RateSettings => perSecond(1_000_000_000, burst)
const still = () => 0n

function createFamily(root: number, left: number, right: number) {
  const tree = new RateTree({ nodesMax: 8, seatsMax: 4, clock: still })
  const top = tree.addNode(unit(root))
  const nodes = { top, left: tree.addNode(unit(left), top), right: tree.addNode(unit(right), top) }
  const seats = { left: tree.takeSeat(nodes.left), right: tree.takeSeat(nodes.right) }
  const spent = () => [nodes.top, nodes.left, nodes.right].map((node) => tree.spent(node).used)
  return { tree, nodes, seats, spent, left: new RateChain(seats.left, still), right: new RateChain(seats.right, still) }
}

describe('a chain', () => {
  it('takes from all, or from none, whoever refuses', () => {
    const { left, right, nodes, spent } = createFamily(10, 6, 8)
    expect(left.take(6)).toBe('taken')
    expect(left.take(1)).toEqual({ retryInNs: 1, node: nodes.left })
    expect(right.take(5)).toEqual({ retryInNs: 1, node: nodes.top })
    expect(spent()).toEqual([6, 6, 0])
    expect(right.take(4)).toBe('taken')
    expect(spent()).toEqual([10, 6, 4])
    expect(right.take(0)).toBe('taken')
    expect(() => right.take(-1)).toThrow('not an amount to take')
  })

  it('names the bucket for which the wait is longest', () => {
    const { tree, nodes, left } = createFamily(10, 6, 8)
    left.take(6)
    expect(left.take(5)).toEqual({ retryInNs: 5, node: nodes.left })
    tree.change(nodes.top, unit(0))
    expect(left.take(1)).toEqual({ retryInNs: Number.POSITIVE_INFINITY, node: nodes.top })
    tree.change(nodes.top, perSecond(0))
    expect(left.take(1)).toEqual({ retryInNs: Number.POSITIVE_INFINITY, node: nodes.top })
  })

  it('does what the model does, for any tree of three levels', () => {
    const step = fc.record({ who: fc.nat(3), n: fc.nat(12), ns: fc.integer({ min: -3, max: 9 }) })
    const bursts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(bursts, fc.array(step, { maxLength: 60 }), (bursts, steps) => {
        let nowNs = 1_000n
        const tree = new RateTree({ nodesMax: 7, seatsMax: 4, clock: () => nowNs })
        // Numbered as a heap: the node above n is ⌊(n − 1) / 2⌋, the leaves are 3 to 6.
        const settings = bursts.map((burst, node) => perSecond(1_000_000_000 / (1 << (node % 3)), burst))
        for (const [node, each] of settings.entries()) {
          expect(node === 0 ? tree.addNode(each) : tree.addNode(each, (node - 1) >> 1)).toBe(node)
        }
        const chains = [3, 4, 5, 6].map((leaf) => new RateChain(tree.takeSeat(leaf), () => nowNs))
        const arrivals = bursts.map(() => 0n)
        for (const { who, n, ns } of steps) {
          nowNs += BigInt(ns)
          const path = [who + 3, (who + 2) >> 1, 0]
          const next = path.map((node) => {
            const arrival = arrivals[node] ?? 0n
            return (arrival > nowNs ? arrival : nowNs) + BigInt(n << (node % 3))
          })
          const fits = n === 0 || path.every((node, at) => (next[at] ?? 0n) - nowNs <= burstNs(settings[node]))
          if (fits && n > 0) for (const [at, node] of path.entries()) arrivals[node] = next[at] ?? 0n
          expect(chains[who]?.take(n) === 'taken').toBe(fits)
          const ahead = arrivals.map((arrival) => Number(arrival > nowNs ? arrival - nowNs : 0n))
          expect(bursts.map((_, node) => tree.spent(node).used)).toEqual(ahead)
        }
      }),
    )
  })

  it('is finished by the next one when its thread died right after the commit', () => {
    const { seats, left, right, spent } = createFamily(10, 6, 8)
    const dying = new RateTreeCells(seats.left.tree)
    const anchor = dying.finished()
    const record = dying.freeRecord(anchor, seats.left.seat)
    dying.writeRecord(record, seats.left.nodes, [5n, 5n])
    expect(spent()).toEqual([0, 0, 0])
    expect(dying.commit(anchor, record)).toBe(true)
    expect(right.take(6)).toMatchObject({ retryInNs: 1 })
    expect(spent()).toEqual([5, 5, 0])
    expect(left.take(1)).toBe('taken')
    expect(spent()).toEqual([6, 6, 0])
  })

  it('is as if it had not been when its thread died before, also half-way through its record', () => {
    const { seats, left, spent } = createFamily(10, 6, 8)
    const dying = new RateTreeCells(seats.left.tree)
    dying.writeRecord(dying.freeRecord(dying.finished(), seats.left.seat), seats.left.nodes.slice(0, 1), [5n])
    expect(spent()).toEqual([0, 0, 0])
    expect(left.take(6)).toBe('taken')
  })

  it('never writes into the record that the anchor names', () => {
    const { seats } = createFamily(10, 6, 8)
    const cells = new RateTreeCells(seats.left.tree)
    const first = cells.freeRecord(cells.finished(), 0)
    cells.commit(cells.finished(), first)
    const second = cells.freeRecord(cells.finished(), 0)
    expect(second).not.toBe(first)
    cells.commit(cells.finished(), second)
    expect(cells.freeRecord(cells.finished(), 0)).toBe(first)
    expect([first, second]).not.toContain(cells.freeRecord(cells.finished(), 1))
  })

  it('commits nothing that was judged before another take, or before a change of any bucket', () => {
    const { tree, nodes, seats, right, spent } = createFamily(10, 6, 8)
    const cells = new RateTreeCells(seats.left.tree)
    for (const meanwhile of [() => right.take(8), () => tree.change(nodes.right, unit(2))]) {
      const anchor = cells.finished()
      const record = cells.freeRecord(anchor, seats.left.seat)
      cells.writeRecord(record, seats.left.nodes, [6n, 6n])
      meanwhile()
      expect(cells.commit(anchor, record)).toBe(false)
    }
    expect(spent()).toEqual([8, 0, 8])
  })

  it('tries again when others commit between its look and its commit', () => {
    const { seats, right, spent } = createFamily(10, 6, 8)
    let others = 3
    const left = new RateChain(seats.left, () => {
      if (others-- > 0) right.take(1)
      return 0n
    })
    expect(left.take(6)).toBe('taken')
    expect(spent()).toEqual([9, 6, 3])
  })

  it('does not throw for what a subverted thread wrote into the tree', () => {
    const { seats, right } = createFamily(10, 6, 8)
    const cells = new RateTreeCells(seats.left.tree)
    cells.writeRecord(1, [99, -5], [2n ** 62n, -1n])
    cells.commit(cells.finished(), 1)
    expect(right.take(1)).toBe('taken')
    cells.commit(cells.finished(), 60_000)
    right.take(1)
  })
})

describe('a tree', () => {
  it('gives a removed bucket’s place to another when what was spent has passed', () => {
    let nowNs = 0n
    const tree = new RateTree({ nodesMax: 2, seatsMax: 1, clock: () => nowNs })
    const root = tree.addNode(unit(10))
    const child = tree.addNode(unit(10), root)
    const seat = tree.takeSeat(child)
    new RateChain(seat, () => nowNs).take(7)
    expect(() => tree.removeNode(root)).toThrow('in use')
    expect(() => tree.removeNode(child)).toThrow('in use')
    tree.leaveSeat(seat)
    tree.leaveSeat(seat)
    tree.removeNode(child)
    expect(() => tree.addNode(unit(1), root)).toThrow('2 buckets of a rate tree already')
    nowNs = 7n
    expect(tree.addNode(unit(1), root)).toBe(child)
    expect(() => tree.spent(5)).toThrow('no bucket 5')
    tree.removeNode(child)
    tree.removeNode(root)
  })

  it('has as many seats and levels as it says, and not one more', () => {
    const tree = new RateTree({ nodesMax: 20, seatsMax: 2, clock: still })
    let node = tree.addNode(unit(10))
    for (let level = 1; level < treeLevelsMax; level++) node = tree.addNode(unit(10), node)
    expect(() => tree.addNode(unit(10), node)).toThrow('17 levels')
    const seat = tree.takeSeat(node)
    expect(new RateChain(seat, still).take(10)).toBe('taken')
    expect(tree.spent(0).used).toBe(10)
    tree.takeSeat(node)
    expect(() => tree.takeSeat(node)).toThrow('2 seats')
    tree.leaveSeat(seat)
    expect(tree.takeSeat(node).seat).toBe(seat.seat)
  })

  it.each([
    [0, 1],
    [1, 0],
    [65_537, 1],
    [1, 32_768],
    [1.5, 1],
  ])('cannot be of %d buckets and %d seats', (nodesMax, seatsMax) => {
    expect(() => new RateTree({ nodesMax, seatsMax, clock: still })).toThrow('not the size of a rate tree')
  })
})

function burstNs(settings: RateSettings | undefined): bigint {
  return settings === undefined ? 0n : paceOf(settings).burstNs
}
