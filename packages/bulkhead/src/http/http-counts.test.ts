import { expect, it } from 'vitest'
import { HttpCounts, noRequests } from './http-counts.js'

it('counts what became of requests, by member, until it is forgotten', () => {
  const counts = new HttpCounts()
  expect(counts.of('web')).toEqual(noRequests)
  expect(counts.seen('web')).toBe(undefined)
  counts.began('web')
  counts.began('web')
  expect(counts.of('web')).toEqual({ ...noRequests, inFlight: 2 })
  counts.ended('web', 'served')
  expect(counts.seen('web')).toEqual({ ...noRequests, served: 1, inFlight: 1 })
  counts.forget('web')
  counts.ended('web', 'dropped')
  expect(counts.seen('web')).toBe(undefined)
})
