import { parseChildId } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Strategy, strategies } from '../supervisor-plan.js'
import { type GroupChild, planGroup } from './plan-group.js'

const child = (id: string, restart: GroupChild['restart'] = 'permanent'): GroupChild => ({
  id: parseChildId(id),
  restart,
})
const [a, b, c] = [child('a'), child('b'), child('c', 'temporary')] as const

it.each<[Strategy, GroupChild, string[], string[], string[]]>([
  ['one_for_one', b, ['b'], ['b'], []],
  ['one_for_all', a, ['c', 'b', 'a'], ['a', 'b'], ['c']],
  ['rest_for_one', a, ['c', 'b', 'a'], ['a', 'b'], ['c']],
  ['rest_for_one', b, ['c', 'b'], ['b'], ['c']],
])('%s, $id failed', (strategy, failed, stopInReverse, startInOrder, dropped) => {
  expect(planGroup(strategy, [a, b, c], failed.id)).toEqual({ stopInReverse, startInOrder, dropped })
})

it('a child that is no sibling has no group, except where all belong to it', () => {
  const stranger = parseChildId('stranger')
  expect(planGroup('rest_for_one', [a, b], stranger).stopInReverse).toEqual([])
  expect(planGroup('one_for_one', [a, b], stranger).stopInReverse).toEqual([])
})

describe('for any children', () => {
  const restarts = fc.constantFrom<GroupChild['restart']>('permanent', 'transient', 'temporary')
  const children = fc
    .array(restarts, { minLength: 1, maxLength: 12 })
    .map((types) => types.map((restart, index) => child(`c${index}`, restart)))
  const cases = fc.tuple(children, fc.nat(), fc.constantFrom(...strategies))

  it('who is stopped is started again or dropped, in start order, and never a temporary bystander', () => {
    fc.assert(
      fc.property(cases, ([siblings, at, strategy]) => {
        const failed = siblings[at % siblings.length] as GroupChild
        const { stopInReverse, startInOrder, dropped } = planGroup(strategy, siblings, failed.id)
        const inOrder = siblings.map(({ id }) => id).filter((id) => stopInReverse.includes(id))
        expect(stopInReverse).toEqual(inOrder.toReversed())
        expect([...startInOrder, ...dropped].sort()).toEqual([...stopInReverse].sort())
        expect(startInOrder).toEqual(inOrder.filter((id) => startInOrder.includes(id)))
        expect(startInOrder).toContain(failed.id)
        for (const { id, restart } of siblings) {
          if (dropped.includes(id)) expect([restart, id === failed.id]).toEqual(['temporary', false])
        }
      }),
    )
  })

  it('one_for_one ⊆ rest_for_one ⊆ one_for_all', () => {
    fc.assert(
      fc.property(children, fc.nat(), (siblings, at) => {
        const failed = siblings[at % siblings.length] as GroupChild
        const sizes = (['one_for_one', 'rest_for_one', 'one_for_all'] as const).map(
          (strategy) => planGroup(strategy, siblings, failed.id).stopInReverse.length,
        )
        expect(sizes).toEqual([1, siblings.length - (at % siblings.length), siblings.length])
      }),
    )
  })
})
