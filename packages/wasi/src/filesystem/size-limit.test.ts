// `max_file_size`: what a rule lets a file grow to, to the byte, by whatever way; judged by what the host's disk shows.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  bytesOf,
  cleanUp,
  type Fd,
  noFollow,
  type Output,
  open,
  outcome,
  TestGuest,
  temporaryDirectory,
} from '../guest.test-support.js'

afterEach(cleanUp)

const tooLargeInStream = expect.objectContaining({ tag: 'last-operation-failed' })

function guestWith(allow: readonly string[]) {
  const host = temporaryDirectory()
  const guest = new TestGuest({ allow, mounts: { '/data': { host } } })
  const size = (name: string): number => fs.statSync(path.join(host, name)).size
  return { guest, root: guest.root(), host, size }
}

const allow = [
  'read /data/**',
  'write /data/small/** 10',
  'write /data/free/**',
  'create /data/new/** 10',
  'delete /data/**',
]

function prepared(more: readonly string[] = []) {
  const made = guestWith([...allow, ...more])
  for (const name of ['small', 'free', 'new']) fs.mkdirSync(path.join(made.host, name))
  return made
}

const writable = (root: Fd, name: string): Fd => open(root, name, { write: true, create: true })

function permitted(output: Output): Output {
  output.checkWrite()
  return output
}

describe('a file under a rule with a largest size', () => {
  it('takes every byte up to it and none more; the file beside it takes them all', () => {
    const { root, size } = prepared()
    const small = writable(root, 'data/small/f')
    expect(small.write(bytesOf('12345678'), 0n)).toBe(8n)
    expect(small.write(bytesOf('9abc'), 8n)).toBe(2n)
    expect(size('small/f')).toBe(10)
    expect(outcome(() => small.write(bytesOf('x'), 10n))).toBe('file-too-large')
    expect(outcome(() => small.write(bytesOf('x'), 1n << 40n))).toBe('file-too-large')
    expect(small.write(bytesOf('y'), 9n)).toBe(1n)
    expect(small.write(bytesOf(''), 10n)).toBe(0n)
    expect(size('small/f')).toBe(10)
    expect(writable(root, 'data/free/f').write(bytesOf('123456789abc'), 0n)).toBe(12n)
    expect(size('free/f')).toBe(12)
  })

  it('cannot be set to more, and can be set to as much', () => {
    const { root, size } = prepared()
    const small = writable(root, 'data/small/f')
    expect(outcome(() => small.setSize(11n))).toBe('file-too-large')
    expect(size('small/f')).toBe(0)
    small.setSize(10n)
    expect(size('small/f')).toBe(10)
    writable(root, 'data/free/f').setSize(11n)
    expect(size('free/f')).toBe(11)
  })

  const ways: readonly [string, (output: Output) => void][] = [
    ['write', (output) => permitted(output).write(bytesOf('123456789abc'))],
    ['blocking-write-and-flush', (output) => output.blockingWriteAndFlush(bytesOf('123456789abc'))],
    ['write-zeroes', (output) => permitted(output).writeZeroes(12n)],
    ['blocking-write-zeroes-and-flush', (output) => output.blockingWriteZeroesAndFlush(12n)],
  ]
  it.each(ways)('a stream fails at the byte: %s', (_name, act) => {
    const { root, size } = prepared()
    for (const stream of [
      writable(root, 'data/small/a').writeViaStream(0n),
      writable(root, 'data/small/b').appendViaStream(),
    ]) {
      expect(outcome(() => act(stream))).toEqual(tooLargeInStream)
    }
    expect([size('small/a'), size('small/b')]).toEqual([10, 10])
    const free = writable(root, 'data/free/f').appendViaStream()
    expect(outcome(() => act(free))).toBe('ok')
    expect(size('free/f')).toBe(12)
  })

  it('splice is a write too', () => {
    const { root, host, size } = prepared()
    fs.writeFileSync(path.join(host, 'source'), '123456789abc')
    const source = open(root, 'data/source').readViaStream(0n)
    const output = writable(root, 'data/small/f').writeViaStream(0n)
    expect(outcome(() => output.splice(source, 12n))).toEqual(tooLargeInStream)
    expect(size('small/f')).toBe(10)
  })

  it('what a rule to create fills is bounded by that rule', () => {
    const { root, size } = prepared()
    const made = writable(root, 'data/new/f')
    expect(made.write(bytesOf('123456789abc'), 0n)).toBe(10n)
    expect(outcome(() => made.write(bytesOf('x'), 10n))).toBe('file-too-large')
    expect(size('new/f')).toBe(10)
  })

  it('an operator reads which rule it was', () => {
    const { guest, root } = prepared()
    const small = writable(root, 'data/small/f')
    small.setSize(10n)
    expect(outcome(() => small.write(bytesOf('x'), 10n))).toBe('file-too-large')
    expect(guest.records.at(-1)).toMatchObject({
      action: 'write',
      resource: '/data/small/f',
      verdict: 'denied',
      layer: 'quota',
      rule: '/data/small/** (test.toml:1)',
      reason: 'the file would be larger than 10 B, the most that is allowed here',
    })
  })

  it('a largest size of zero is zero', () => {
    const { root, size } = prepared(['write /data/none/** 0', 'create /data/none'])
    open(root, 'data').createDirectoryAt('none')
    const none = writable(root, 'data/none/f')
    expect(outcome(() => none.write(bytesOf('x'), 0n))).toBe('file-too-large')
    expect(size('none/f')).toBe(0)
  })

  it('moving a file to where it could grow further is refused; among names with the same limit it is not', () => {
    const { root } = prepared()
    writable(root, 'data/small/f')
    writable(root, 'data/free/f')
    expect(outcome(() => root.renameAt('data/small/f', root, 'data/free/g'))).toBe('access')
    expect(outcome(() => root.linkAt(noFollow, 'data/small/f', root, 'data/free/g'))).toBe('access')
    expect(outcome(() => root.renameAt('data/small/f', root, 'data/small/h'))).toBe('ok')
    expect(outcome(() => root.renameAt('data/free/f', root, 'data/free/h'))).toBe('ok')
  })

  it('what is too large does not come in under a new name, nor what a handle could still fill; a copy is bounded', () => {
    const { guest, root, host } = prepared()
    const large = writable(root, 'data/free/large')
    large.write(bytesOf('123456789abc'), 0n)
    const growing = writable(root, 'data/free/growing')
    for (const name of ['large', 'growing']) {
      expect(outcome(() => root.renameAt(`data/free/${name}`, root, `data/small/${name}`))).toBe('cross-device')
      expect(guest.records.at(-1)).toMatchObject({ action: 'create', resource: `/data/small/${name}`, layer: 'quota' })
      expect(outcome(() => root.linkAt(noFollow, `data/free/${name}`, root, `data/small/${name}`))).toBe('cross-device')
    }
    expect(growing.write(bytesOf('123456789abc'), 0n)).toBe(12n)
    expect(fs.readdirSync(path.join(host, 'small'))).toEqual([])
    expect(writable(root, 'data/small/copy').write(bytesOf('123456789abc'), 0n)).toBe(10n)
  })

  it('is taken again when the policy moves, for what is open too', () => {
    const { guest, root, size } = prepared()
    const small = writable(root, 'data/small/f')
    const stream = small.appendViaStream()
    guest.publish({ allow: ['write /data/small/** 4'] }, 2)
    expect(small.write(bytesOf('12345'), 0n)).toBe(4n)
    guest.publish({ allow: ['write /data/small/** 6'] }, 3)
    expect(outcome(() => stream.blockingWriteAndFlush(bytesOf('567')))).toEqual(tooLargeInStream)
    expect(size('small/f')).toBe(6)
    guest.publish({ allow: ['write /data/small/**'] }, 4)
    expect(small.write(bytesOf('x'.repeat(100)), 0n)).toBe(100n)
    expect(size('small/f')).toBe(100)
  })
})
