// Handles are bounded: one past the limit is an error of the interface, and what is given back can be taken again.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ResourceExceeded } from '../endings.js'
import { cleanUp, type Fd, open, outcome, readText, TestGuest, temporaryDirectory } from '../guest.test-support.js'

afterEach(cleanUp)

function guestWith(handlesMax: number): { guest: TestGuest; root: Fd; host: string } {
  const host = temporaryDirectory()
  fs.mkdirSync(path.join(host, ...Array.from({ length: 8 }, () => 'd')), { recursive: true })
  fs.writeFileSync(path.join(host, 'f'), 'F')
  const guest = new TestGuest({
    allow: ['read /data/**', 'write /data/**'],
    mounts: { '/data': { host } },
    limits: { handlesMax },
  })
  return { guest, root: guest.root(), host }
}

describe('handles', () => {
  it('files up to the limit, then an error, then again after one is dropped', () => {
    const { guest, root } = guestWith(16)
    const held: Fd[] = []
    let refusal: unknown = 'ok'
    while (refusal === 'ok' && held.length < 100) refusal = outcome(() => held.push(open(root, 'data/f')))
    expect(refusal).toBe('insufficient-memory')
    // The root takes one, and a walk needs one for the object that it looks at.
    expect(held).toHaveLength(14)
    expect(guest.host.openDescriptors()).toBe(15)
    held.pop()?.[Symbol.dispose]()
    expect(outcome(() => open(root, 'data/f'))).toBe('ok')
  })

  it('a directory counts with the depth that it holds open', () => {
    const { guest, root } = guestWith(32)
    const deep = `data/${'d/'.repeat(8)}`
    const before = guest.host.openDescriptors()
    const fd = open(root, deep, { directory: true })
    const weight = guest.host.openDescriptors() - before
    expect(weight).toBeGreaterThanOrEqual(10)
    expect(outcome(() => [open(root, deep), open(root, deep)])).toBe('insufficient-memory')
    fd[Symbol.dispose]()
    expect(guest.host.openDescriptors()).toBe(before)
  })

  it('streams and listings count; roots end the guest with words, because their function has no error', () => {
    const { guest, root } = guestWith(6)
    const fd = open(root, 'data/f', { read: true, write: true })
    const held = [fd.readViaStream(0n), fd.writeViaStream(0n), fd.appendViaStream()]
    expect(outcome(() => fd.readViaStream(0n))).toBe('ok')
    expect(outcome(() => fd.readViaStream(0n))).toBe('insufficient-memory')
    expect(() => guest.root()).toThrow(ResourceExceeded)
    expect(held).toHaveLength(3)
  })

  it('a flood of opens ends in errors, and the neighbour guest does not notice', () => {
    const flood = guestWith(64)
    const calm = guestWith(64)
    let refused = 0
    for (let n = 0; n < 3000; n++) if (outcome(() => open(flood.root, 'data/f')) === 'insufficient-memory') refused += 1
    expect(refused).toBeGreaterThan(2900)
    expect(readText(calm.root, 'data/f')).toBe('F')
  })
})
