import { compileTopicPattern, parseTopicPattern } from '@bulkhead/capability'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseMember } from './choose-member.js'
import { compileLaneFilter, filterAllows, mayShareTopic } from './lane-filter.js'
import { cachedRoutesMax, meetsTriedMax, subscriptionsMax } from './limits.js'
import { buildRoutingTable, Router } from './routing-table.js'
import type { TopicAuthority } from './topic-authority.js'
import { meetOf } from './topic-meet.js'
import { buildTopicTrie, eachMatch } from './topic-trie.js'

// A small world: every topic of up to four tokens of two letters.
const tokens = ['a', 'b']
const topics = [...tokens]
for (const topic of topics) if (topic.length < 7) topics.push(...tokens.map((token) => `${topic}.${token}`))

const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([parts, rest]) => (rest ? [...parts.slice(0, 3), '>'] : parts).join('.'))
const patterns = fc.array(pattern, { maxLength: 5 })

const matches = (source: string, topic: string): boolean => compileTopicPattern(source).matches(topic)

describe('a trie of patterns', () => {
  it('finds exactly the patterns that match', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), (all) => {
        const trie = buildTopicTrie(all.map((one, index) => [one, index]))
        for (const topic of topics) {
          const found: number[] = []
          eachMatch(trie, topic, (index) => found.push(index))
          const expected = all.flatMap((one, index) => (matches(one, topic) ? [index] : []))
          expect(found.sort((a, b) => a - b)).toEqual(expected)
        }
      }),
    )
  })

  it('takes `__proto__` for the token that it is', () => {
    const trie = buildTopicTrie([['__proto__.*', 1]])
    const found: number[] = []
    eachMatch(structuredClone(trie), '__proto__.toString', (value) => found.push(value))
    eachMatch(trie, 'constructor.name', (value) => found.push(value))
    expect(found).toEqual([1])
  })
})

describe('where two patterns meet', () => {
  it('is exactly what both match', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const meet = meetOf(parseTopicPattern(one), parseTopicPattern(other))
        for (const topic of topics) {
          const both = matches(one, topic) && matches(other, topic)
          expect(meet !== undefined && matches(meet.source, topic)).toBe(both)
        }
        // Longer topics than those of the small world are met only through `>`, which reaches them all or none.
        expect(meet === undefined).toBe(!topics.some((topic) => matches(one, topic) && matches(other, topic)))
      }),
    )
  })
})

const authority: fc.Arbitrary<TopicAuthority> = fc.record({
  layers: fc.array(patterns, { maxLength: 3 }),
  operator: fc.array(pattern, { maxLength: 1 }),
  roles: fc.option(patterns, { nil: undefined }),
  deny: fc.array(pattern, { maxLength: 2 }),
})

const may = ({ layers, operator, roles, deny }: TopicAuthority, topic: string): boolean =>
  !deny.some((one) => matches(one, topic)) &&
  (roles === undefined || roles.some((one) => matches(one, topic))) &&
  ((layers.length > 0 && layers.every((layer) => layer.some((one) => matches(one, topic)))) ||
    operator.some((one) => matches(one, topic)))

describe('the filter of a lane', () => {
  it('lets through what the one may publish and the other may subscribe, and says truly when that is nothing', () => {
    fc.assert(
      fc.property(authority, authority, (publish, subscribe) => {
        const filter = structuredClone(compileLaneFilter({ version: 1, publish, subscribe }))
        const passing = topics.filter((topic) => may(publish, topic) && may(subscribe, topic))
        expect(topics.filter((topic) => filterAllows(filter, topic))).toEqual(passing)
        if (passing.length > 0) expect(mayShareTopic(publish, subscribe)).toBe(true)
      }),
    )
  })

  it('lets through what any of several authorities of the sender allows', () => {
    const publish = [side(['orders.>']), { ...side(['bills.>']), deny: ['bills.old'] }]
    const filter = compileLaneFilter({ version: 1, publish, subscribe: side(['>']) })
    const asked = ['orders.new', 'bills.new', 'bills.old', 'others.new']
    expect(asked.filter((topic) => filterAllows(filter, topic))).toEqual(['orders.new', 'bills.new'])
  })

  const side = (...layers: string[][]): TopicAuthority => ({ layers, operator: [], deny: [] })

  it('lets nothing through that is no topic of components', () => {
    const filter = compileLaneFilter({ version: 1, publish: side(['>']), subscribe: side(['>']) })
    for (const bad of ['', '.', 'a..b', 'a.*', '>', '$sys.health', '_inbox.x', 'a b', 'a.'.repeat(16).concat('a')]) {
      expect(filterAllows(filter, bad), bad).toBe(false)
    }
    expect(filterAllows(filter, 'a.b')).toBe(true)
  })

  it('is not asked for where the two share no topic', () => {
    expect(mayShareTopic(side(['orders.>']), side(['bills.>']))).toBe(false)
    expect(mayShareTopic(side(['orders.>']), side(['*.new']))).toBe(true)
    expect(mayShareTopic(side(['orders.>'], ['bills.>']), side(['>']))).toBe(false)
    expect(mayShareTopic({ ...side(['orders.new']), deny: ['orders.>'] }, side(['>']))).toBe(false)
    expect(mayShareTopic({ ...side([]), operator: ['orders.new'] }, side(['>']))).toBe(true)
    expect(mayShareTopic(side(), side(['>']))).toBe(false)
  })

  it('is asked for where it would take too long to tell', () => {
    const many = Array.from({ length: Math.ceil(Math.sqrt(meetsTriedMax)) + 1 }, (_, index) => `a.${index}`)
    expect(mayShareTopic(side(many, many), side(['b']))).toBe(true)
    expect(mayShareTopic(side(many.slice(2), many.slice(2)), side(['b']))).toBe(false)
  })
})

describe('a routing table', () => {
  const receivers = [
    { id: 'one', mailboxes: [1] },
    { id: 'pool', mailboxes: [2, 3, 4] },
  ]

  it('gives each receiver of a topic once, in the order of the list', () => {
    const subscriptions = [
      { pattern: 'orders.>', receiver: 'pool' },
      { pattern: '*.new', receiver: 'pool' },
      { pattern: 'orders.new', receiver: 'one' },
    ]
    const table = structuredClone(buildRoutingTable({ version: 3, receivers, subscriptions }))
    const router = new Router(table)
    expect(router.version).toBe(3)
    for (let twice = 0; twice < 2; twice++) {
      expect(router.receiversOf('orders.new')).toEqual(receivers)
      expect(router.receiversOf('bills.new')).toEqual([receivers[1]])
      expect(router.receiversOf('bills.old')).toEqual([])
      expect(router.receiversOf('orders.*')).toEqual([])
    }
    for (let index = 0; index <= cachedRoutesMax; index++) router.receiversOf(`orders.${index}`)
    expect(router.receiversOf('orders.new')).toEqual(receivers)
  })

  it('routes to a receiver exactly what its whole authority lets it have', () => {
    fc.assert(
      fc.property(authority, (subscribe) => {
        const subscriptions = [...(subscribe.layers[0] ?? []), ...subscribe.operator].map((one) => {
          return { pattern: one, receiver: 'one' }
        })
        const spec = { version: 1, receivers: [{ id: 'one', mailboxes: [7], authority: subscribe }], subscriptions }
        const router = new Router(structuredClone(buildRoutingTable(spec)))
        const all = { layers: [['>']], operator: [], deny: [] }
        const filter = compileLaneFilter({ version: 1, publish: all, subscribe })
        for (const topic of topics) {
          expect(router.receiversOf(topic).length === 1).toBe(may(subscribe, topic))
          expect(filterAllows(filter, topic)).toBe(may(subscribe, topic))
        }
      }),
    )
  })

  it('is bounded, and names only receivers that there are', () => {
    const build = (subscriptions: { pattern: string; receiver: string }[]) => () =>
      buildRoutingTable({ version: 1, receivers, subscriptions })
    const most = Array.from({ length: subscriptionsMax }, () => ({ pattern: 'a.>', receiver: 'one' }))
    expect(build(most)).not.toThrow()
    expect(build([...most, { pattern: 'a', receiver: 'one' }])).toThrow('10001 subscriptions')
    expect(build([{ pattern: 'a', receiver: 'nobody' }])).toThrow('`nobody`')
    expect(build([{ pattern: 'a..b', receiver: 'one' }])).toThrow('empty token')
    expect(() => buildRoutingTable({ version: 1, receivers: [{ id: 'x', mailboxes: [] }], subscriptions: [] })).toThrow(
      '`x` has no mailbox',
    )
  })
})

describe('a member of a pool', () => {
  it('is the less busy of two different ones', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(100), { minLength: 2, maxLength: 8 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (members, fixed) => {
          const asked: number[] = []
          const depthOf = (member: number): number => {
            asked.push(member)
            return member
          }
          const chosen = chooseMember(members, depthOf, () => fixed)
          expect(new Set(asked).size).toBe(2)
          expect(chosen).toBe(Math.min(...asked))
        },
      ),
    )
    expect(chooseMember([5], () => 0, Math.random)).toBe(5)
    expect(chooseMember([], () => 0, Math.random)).toBeUndefined()
  })

  it('that is stuck gets little more', () => {
    const depths = [0, 0, 0]
    let seed = 1
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (let count = 0; count < 3_000; count++) {
      const member = chooseMember([0, 1, 2], (one) => depths[one] ?? 0, random) ?? 0
      depths[member] = (depths[member] ?? 0) + 1
      // The other two have done all of theirs by the next message.
      depths[1] = 0
      depths[2] = 0
    }
    expect(depths[0]).toBeLessThanOrEqual(2)
  })
})
