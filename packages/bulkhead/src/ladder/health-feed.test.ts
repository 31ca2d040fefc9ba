import { expect, it } from 'vitest'
import { HealthFeed } from './health-feed.js'

it('says that somebody is well only as long as it can change anything', () => {
  const told: string[] = []
  const feed = new HealthFeed((member, { source, verdict }) => told.push(`${member} ${source} ${verdict}`))
  feed.tell('a', 'cpu', undefined)
  expect(told).toEqual([])
  feed.tell('a', 'cpu', 'it is slow')
  for (let n = 0; n < 9; n++) feed.tell('a', 'cpu', undefined)
  expect(told.splice(0)).toEqual(['a cpu ill', 'a cpu well', 'a cpu well', 'a cpu well'])
  feed.tell('a', 'cpu', 'again')
  feed.tell('a', 'quota', undefined)
  feed.tell('b', 'cpu', undefined)
  expect(told.splice(0)).toEqual(['a cpu ill'])
  feed.forget('a')
  feed.tell('a', 'cpu', undefined)
  expect(told).toEqual([])
})
