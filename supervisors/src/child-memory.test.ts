import { parseChildId } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { ChildMemory } from './child-memory.js'
import { rememberedChildrenMax } from './limits.js'

const id = parseChildId('a')

it('hands out once what it keeps, and nothing of a child that never started', () => {
  const memory = new ChildMemory()
  expect(memory.recall(id)).toEqual({ incarnation: 0, starts: 0 })
  memory.keep(id, { incarnation: 3, starts: 2 })
  expect(memory.recall(id)).toEqual({ incarnation: 3, starts: 2 })
  memory.keep(id, { incarnation: 0, starts: 0 })
  expect(memory.recall(id)).toEqual({ incarnation: 0, starts: 0 })
})

it('beyond its bound forgets the oldest, and never hands out an incarnation of theirs again', () => {
  const memory = new ChildMemory()
  memory.keep(id, { incarnation: 7, starts: 7 })
  for (let n = 0; n < rememberedChildrenMax - 1; n++) memory.keep(parseChildId(`c${n}`), { incarnation: 1, starts: 1 })
  expect(memory.recall(parseChildId('new'))).toEqual({ incarnation: 0, starts: 0 })
  memory.keep(parseChildId('one-more'), { incarnation: 1, starts: 1 })
  expect(memory.recall(id)).toEqual({ incarnation: 7, starts: 0 })
  expect(memory.recall(parseChildId('new'))).toEqual({ incarnation: 7, starts: 0 })
  expect(memory.recall(parseChildId('c0'))).toEqual({ incarnation: 1, starts: 1 })
})
