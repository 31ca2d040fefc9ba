import { describe, expect, it } from 'vitest'
import { Bell, createBell } from './bell.js'

describe('a bell', () => {
  it('wakes who is about to block, once, and nobody else', () => {
    const memory = createBell()
    const receiver = new Bell(memory)
    const sender = new Bell(memory)
    sender.ring(3)
    expect(receiver.count()).toBe(0)
    receiver.announce(true)
    sender.ring(4)
    sender.ring(4)
    expect(receiver.count()).toBe(1)
    receiver.park(0, 60_000) // would block for a minute if the wake-up were lost
    receiver.announce(true)
    receiver.announce(false)
    sender.ring(5)
    expect(receiver.count()).toBe(1)
  })

  it('says which slots were rung, each once', () => {
    const bell = new Bell(createBell())
    expect(bell.hasRung()).toBe(false)
    for (const slot of [0, 31, 31, 32, 63]) bell.ring(slot)
    expect(bell.hasRung()).toBe(true)
    expect(bell.takeReady(0) >>> 0).toBe(0x8000_0001)
    expect(bell.takeReady(1) >>> 0).toBe(0x8000_0001)
    expect([bell.takeReady(0), bell.takeReady(1), bell.hasRung()]).toEqual([0, 0, false])
    bell.ring(32)
    expect(bell.hasRung()).toBe(true)
  })

  it('lets an event loop wait, unless there is nothing to wait for', async () => {
    const bell = new Bell(createBell())
    const waiting = bell.parkAsync(bell.count())
    bell.wake()
    expect(await waiting).toBe('ok')
    expect(bell.parkAsync(0)).toBeUndefined()
  })
})
