import { expect, it } from 'vitest'
import { MachineInbox } from './machine-inbox.js'

it('runs one task at a time, in order, also those that a task offers', () => {
  const inbox = new MachineInbox(8)
  const said: string[] = []
  inbox.offer(() => {
    said.push('a')
    inbox.offer(() => said.push('c'))
    said.push('b')
  })
  expect(said).toEqual(['a', 'b', 'c'])
})

it('X3. holds as many as it says, refuses one more, and answers for the dead', () => {
  const inbox = new MachineInbox(4)
  let ran = 0
  const answers: string[] = []
  inbox.offer(() => {
    for (let i = 0; i < 5; i++) answers.push(inbox.offer(() => ran++))
  })
  expect(answers).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'overloaded'])
  expect(ran).toBe(4)
  inbox.close()
  expect(inbox.offer(() => ran++)).toBe('closed')
  expect(ran).toBe(4)
})

it('goes on after a task that throws', () => {
  const inbox = new MachineInbox(4)
  const fail = (): void => {
    throw new Error('x')
  }
  expect(() => inbox.offer(fail)).toThrow('x')
  let ran = false
  expect(inbox.offer(() => (ran = true))).toBe('accepted')
  expect(ran).toBe(true)
})
