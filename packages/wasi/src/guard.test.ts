// The trampoline: what happens before, around and after every host function.
import fs from 'node:fs'
import path from 'node:path'
import { interfaceContracts, jsClassOf } from '@bulkhead/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { GuestExit, GuestMisuse, Poisoned, ResourceExceeded } from './endings.js'
import {
  cleanUp,
  type Fd,
  follow,
  noFollow,
  open,
  outcome,
  readText,
  type Setup,
  TestGuest,
  temporaryDirectory,
} from './guest.test-support.js'

afterEach(cleanUp)

/** What this test needs of the global that Node has and its types leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

function guestWithFile(setup: Setup = {}): { host: string; guest: TestGuest; root: Fd } {
  const host = temporaryDirectory()
  fs.writeFileSync(path.join(host, 'f'), 'F')
  const allow = ['read /data/**', 'write /data/**', 'delete /data/**']
  const guest = new TestGuest({ allow, mounts: { '/data': { host } }, ...setup })
  return { host, guest, root: guest.root() }
}

describe('the imports', () => {
  it('have every function and class of every bundled interface, under the name that the glue reads', () => {
    const { guest } = guestWithFile()
    for (const contract of interfaceContracts.values()) {
      const offered = guest.host.imports[contract.name] ?? {}
      for (const resource of contract.resources) expect(offered[jsClassOf(resource)]).toBeTypeOf('function')
      for (const fn of contract.functions) {
        const glueClass = fn.jsClass === undefined ? undefined : (offered[fn.jsClass] as { prototype: object })
        const holder = fn.shape === 'method' ? glueClass?.prototype : fn.shape === 'static' ? glueClass : offered
        const found: unknown = fn.shape === 'constructor' ? glueClass : Reflect.get(holder ?? {}, fn.jsName)
        expect([fn.name, typeof found]).toEqual([fn.name, 'function'])
      }
    }
  })

  it('use the same class in every interface', () => {
    const { guest, root } = guestWithFile()
    const stream = open(root, 'data/f').readViaStream(0n)
    expect(stream).toBeInstanceOf(guest.glueClass('wasi:io/streams', 'InputStream'))
    expect(guest.call('wasi:cli/stdin', 'getStdin')).toBeInstanceOf(guest.glueClass('wasi:io/streams', 'InputStream'))
  })
})

describe('handles', () => {
  const forgeries: [string, (guest: TestGuest, root: Fd) => unknown][] = [
    [
      'an object of the class',
      (guest) => Object.create(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype).stat(),
    ],
    [
      'an object with a copied inner number',
      (guest, root) => {
        const forged = Object.create(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype)
        Object.defineProperty(forged, Symbol.for('cabiRep'), { value: 1 })
        Object.assign(forged, root)
        return forged.stat()
      },
    ],
    [
      'a plain object',
      (guest) =>
        Reflect.apply(Reflect.get(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype, 'stat'), {}, []),
    ],
    [
      'nothing',
      (guest) =>
        Reflect.apply(
          Reflect.get(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype, 'stat'),
          undefined,
          [],
        ),
    ],
    [
      'a handle of another class',
      (guest, root) => {
        const stat = Reflect.get(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype, 'stat')
        return Reflect.apply(stat, open(root, 'data/f').readViaStream(0n), [])
      },
    ],
    [
      'a dropped handle',
      (_guest, root) => {
        const fd = open(root, 'data/f')
        fd[Symbol.dispose]()
        return fd.stat()
      },
    ],
    [
      'a handle that is dropped twice',
      (_guest, root) => {
        const fd = open(root, 'data/f')
        fd[Symbol.dispose]()
        return fd[Symbol.dispose]()
      },
    ],
    [
      'a forged argument',
      (guest, root) => {
        const forged = Object.create(guest.glueClass('wasi:filesystem/types', 'Descriptor').prototype)
        return root.renameAt('data/f', forged, 'data/g')
      },
    ],
    [
      'a pollable as a descriptor',
      (guest, root) => {
        const pollable = guest.call<Fd>('wasi:clocks/monotonic-clock', 'subscribeDuration', 1n)
        return root.isSameObject(pollable)
      },
    ],
    [
      'a forged pollable in a list',
      (guest) => {
        const forged = Object.create(guest.glueClass('wasi:io/poll', 'Pollable').prototype)
        return guest.call('wasi:io/poll', 'poll', [forged])
      },
    ],
    [
      'a handle of another guest',
      (_guest, root) => {
        const other = guestWithFile().root
        return root.isSameObject(other)
      },
    ],
  ]
  it.each(forgeries)('%s proves hostility, and ends the instance', (_name, forge) => {
    const { guest, root } = guestWithFile()
    expect(readText(root, 'data/f')).toBe('F')
    expect(() => forge(guest, root)).toThrow(Poisoned)
    expect(guest.hostilities.map(({ kind }) => kind)).toEqual(['forged-handle'])
    expect(() => readText(root, 'data/f')).toThrow(Poisoned)
    expect(guest.entered.at(-1)).toBe(0)
  })
})

describe('arguments', () => {
  const confusions: [string, (guest: TestGuest, root: Fd) => unknown][] = [
    [
      'a record for a length',
      (guest) => guest.call('wasi:random/random', 'getRandomBytes', { toString: () => '8', length: 8 }),
    ],
    ['a number for a u64', (guest) => guest.call('wasi:random/random', 'getRandomBytes', 8)],
    ['bytes for a path', (_guest, root) => open(root, new Uint8Array([100]) as unknown as string)],
    ['an object for a path', (_guest, root) => root.statAt(follow, { toString: () => 'data/f' } as unknown as string)],
    ['flags with something more', (_guest, root) => root.statAt({ symlinkFollow: true, extra: true }, 'data/f')],
    ['too few', (_guest, root) => Reflect.apply(root.statAt, root, [follow])],
    ['a negative u64', (_guest, root) => open(root, 'data/f').read(-1n, 0n)],
    ['an unknown enum case', (_guest, root) => root.advise(0n, 0n, 'never')],
    ['an unknown variant', (_guest, root) => root.setTimes({ tag: 'whenever' }, { tag: 'now' })],
  ]
  it.each(confusions)('%s proves hostility before anything is decided', (_name, act) => {
    const { guest, root } = guestWithFile()
    guest.records.length = 0
    expect(() => act(guest, root)).toThrow(Poisoned)
    expect(guest.hostilities.map(({ kind }) => kind)).toEqual(['type-violation'])
    expect(guest.records.filter(({ verdict }) => verdict === 'denied')).toEqual([])
  })
})

describe('endings', () => {
  it('exit throws the code, and nothing runs afterwards', () => {
    const { guest, root } = guestWithFile()
    expect(() => guest.call('wasi:cli/exit', 'exitWithCode', 33)).toThrow(expect.objectContaining({ code: 33 }))
    expect(() => root.stat()).toThrow(GuestExit)
    const failing = guestWithFile().guest
    expect(() => failing.call('wasi:cli/exit', 'exit', { tag: 'err', val: undefined })).toThrow(
      expect.objectContaining({ code: 1 }),
    )
  })

  it('a surprise poisons: a guest that catches it gets no further', () => {
    const { guest, root } = guestWithFile({
      powers: {
        wallMs: () => {
          throw new TypeError('a surprise')
        },
      },
    })
    expect(() => guest.call('wasi:clocks/wall-clock', 'now')).toThrow(Poisoned)
    expect(() => readText(root, 'data/f')).toThrow(/a surprise/)
    expect(guest.host.close()).toBeDefined()
  })

  it('a journal that fails stops the act it should have recorded', () => {
    const { host, guest, root } = guestWithFile({
      powers: {
        appendAudit: () => {
          throw new TypeError('no journal')
        },
      },
    })
    expect(() => root.unlinkFileAt('data/f')).toThrow(Poisoned)
    expect(fs.readdirSync(host)).toEqual(['f'])
    guest.host.poison('done')
  })

  it('too many random bytes, an empty poll and a write without permit end the guest with words', () => {
    expect(() => guestWithFile().guest.call('wasi:random/random', 'getRandomBytes', 65_537n)).toThrow(ResourceExceeded)
    expect(guestWithFile().guest.call<Uint8Array>('wasi:random/random', 'getRandomBytes', 65_536n)).toHaveLength(65_536)
    expect(() => guestWithFile().guest.call('wasi:io/poll', 'poll', [])).toThrow(GuestMisuse)
  })

  it('close gives everything back, once', () => {
    const { guest, root } = guestWithFile()
    open(root, 'data/f').readViaStream(0n)
    open(root, 'data', { directory: true }).readDirectory()
    expect(guest.host.openDescriptors()).toBeGreaterThan(3)
    const totals = guest.host.close()
    expect(guest.host.openDescriptors()).toBe(0)
    expect(guest.host.close()).toBe(totals)
    expect(() => root.stat()).toThrow(Poisoned)
  })

  it('each call publishes the version that it decides by, and 0 when it leaves', () => {
    const { guest, root } = guestWithFile()
    guest.entered.length = 0
    outcome(() => open(root, 'etc/passwd'))
    root.stat()
    expect(guest.entered).toEqual([1, 0, 1, 0])
  })
})

describe('the stack', () => {
  // (func (export "r") (param i32) (if (i32.eqz (local.get 0)) (then (call $import)) (else (call $r (i32.sub …)))))
  const recursion = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 2, 96, 0, 0, 96, 1, 127, 0, 2, 7, 1, 1, 109, 1, 102, 0, 0, 3, 2, 1, 1, 7, 5, 1,
    1, 114, 0, 1, 10, 20, 1, 18, 0, 32, 0, 69, 4, 64, 16, 0, 5, 32, 0, 65, 1, 107, 16, 1, 11, 11,
  ])
  const acts: [string, (root: Fd) => unknown][] = [
    ['open and drop', (root) => open(root, 'data/f')[Symbol.dispose]()],
    ['a denied open', (root) => outcome(() => open(root, 'etc/passwd'))],
    ['list', (root) => open(root, 'data').readDirectory().readDirectoryEntry()],
    ['rename', (root) => root.renameAt('data/f', root, 'data/g')],
    ['link', (root) => outcome(() => root.linkAt(noFollow, 'data/f', root, 'data/h'))],
    ['create', (root) => open(root, 'data/new', { write: true, create: true })],
  ]
  it.each(acts)('exhausted at any depth, %s is done whole or not begun', (_name, act) => {
    let run = (): unknown => undefined
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(recursion), { m: { f: () => void run() } })
    const recurse = exports['r'] as (depth: number) => void
    // Compiled for good now, so that the frames do not change their size under the search.
    for (let n = 0; n < 5000; n++) recurse(200)
    /** Whether the act was done, called from this depth. */
    const doneAt = (depth: number): boolean => {
      const { guest, root } = guestWithFile()
      const before = guest.host.openDescriptors()
      run = () => act(root)
      try {
        recurse(depth)
        return true
      } catch (thrown) {
        // Refused by the probe, before anything was decided or opened; a surprise inside would be `Poisoned`.
        expect(thrown).toBeInstanceOf(RangeError)
        if (guest.records.length === 0) expect(guest.host.openDescriptors()).toBe(before)
        return false
      } finally {
        guest.host.close()
        expect(guest.host.openDescriptors()).toBe(0)
        cleanUp()
      }
    }
    let low = 1
    let high = 200_000
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (doneAt(middle)) low = middle
      else high = middle
    }
    // Around the edge: from where everything fits to where nothing does, in steps of a few frames.
    let done = 0
    let refused = 0
    for (let depth = low - 150; depth < low + 400; depth += 10) {
      if (doneAt(depth)) done += 1
      else refused += 1
    }
    expect(done).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
})
