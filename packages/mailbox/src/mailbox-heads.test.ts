import { expect, it } from 'vitest'
import { Outlet } from './outlet.js'
import { bodyOf, makeMailbox, open, send, takeAll, watch } from './small-mailbox.test.support.js'

it('shows the message at the head of each lane, without its body, and moves nothing', () => {
  const mailbox = makeMailbox()
  expect(mailbox.heads()).toEqual([])
  const one = new Outlet(open(mailbox, 'one').outlet)
  const two = new Outlet(open(mailbox, 'two').outlet)
  open(mailbox, 'silent')
  send(one, bodyOf(10, 1))
  send(one, bodyOf(20, 2))
  send(two, bodyOf(30, 3))
  const heads = mailbox.heads()
  expect(heads.map(({ bytes, sender }) => [sender, bytes])).toEqual([
    ['one', 10],
    ['two', 30],
  ])
  for (const head of heads) expect(Object.keys(head).sort()).toEqual(['bytes', 'sender', 'subject'])
  expect(mailbox.heads()).toEqual(heads)
  expect(takeAll(watch(mailbox).reader)).toHaveLength(3)
  expect(mailbox.heads()).toEqual([])
})
