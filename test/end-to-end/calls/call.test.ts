// Functions of components, called by name: real guests, real trees.
import type { Callable } from 'bulkhead'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { type Session, World } from '../authority/world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const callee = guestFile('calls-callee')

/** A tree whose only child is what is called. */
async function started(lines: readonly string[] = [], grants: readonly string[] = []): Promise<Session> {
  world.tree({ callee: { component: callee, grants, lines } })
  return world.start()
}

describe('a call', () => {
  it('starts a library, and returns what its function returns', async () => {
    const { runtime } = await started()
    expect(runtime.children()).toMatchObject([{ id: 'callee', state: 'dormant', incarnation: 0 }])
    expect(await runtime.call('callee', 'greet', ['world'])).toBe('hello, world')
    expect(await runtime.call('callee', 'count')).toBe(1)
    expect(runtime.children()).toMatchObject([{ id: 'callee', state: 'running', incarnation: 1 }])
  })

  it('carries a value of every type there and back', async () => {
    world.tree({ mirror: { component: guestFile('calls-mirror'), grants: [] } })
    const { runtime } = await world.start()
    const value = {
      ...{ tiny: 255, small: -3, whole: 4_000_000_000, huge: 2n ** 64n - 1n, ratio: 0.5, precise: Math.PI },
      ...{ letter: '🦀', text: 'naïve', yes: true, bytes: Uint8Array.of(0, 255), numbers: Uint32Array.of(1, 2) },
      ...{ where: { x: -1, farAway: -(2n ** 63n) }, tint: 'dark-red', may: { canRead: true, canWrite: false } },
      ...{ form: { tag: 'corners', val: [{ x: 1, farAway: 2n }] }, maybe: undefined },
      ...{ nested: { tag: 'some', val: 3 }, pair: ['a', 1], outcome: { tag: 'err', val: 'no' } },
    }
    expect(await runtime.call('mirror', 'acme:math/mirror#echo', [value])).toEqual(value)
    const other = {
      ...value,
      maybe: '',
      nested: { tag: 'none' },
      form: { tag: 'none' },
      outcome: { tag: 'ok', val: 1 },
    }
    expect(await runtime.call('mirror', 'echo', [other])).toEqual(other)
  })

  it('throws the error that a function returns, with its payload', async () => {
    const { runtime } = await started()
    expect(await runtime.call('callee', 'divide', [7, 2])).toBe(3)
    expect(await runtime.call('callee', 'check')).toBeUndefined()
    await expect(runtime.call('callee', 'divide', [7, 0])).rejects.toMatchObject({
      code: 'guest-error',
      message: '`acme:math/ops@1.0.0#divide` of `callee` returned an error: nothing is divided by zero',
      details: { payload: 'nothing is divided by zero' },
    })
    await expect(runtime.call('callee', 'paint', [{ tag: 'none' }])).rejects.toMatchObject({
      details: { payload: { tag: 'none' } },
    })
    expect(await runtime.call('callee', 'paint', [{ tag: 'circle', val: 1 }])).toBe('dark-red')
  })

  it('has methods, with options behind the arguments', async () => {
    const { runtime } = await started()
    type Callee = {
      greet(name: string): string
      sayTwice(text: string, loudly?: boolean): string
    }
    const actor: Callable<Callee> = runtime.actor<Callee>('callee')
    expect(await actor.greet('you', { deadline: '20s' })).toBe('hello, you')
    expect(await actor.sayTwice('ho')).toBe('ho ho')
    expect(await actor.sayTwice('ho', true, { signal: new AbortController().signal })).toBe('HO HO')
    expect(await Promise.resolve(actor)).toBe(actor)
  })

  it('is refused before anything is sent where an argument is not of its type', async () => {
    const { runtime } = await started()
    const wrong = async (name: string, ...args: unknown[]) =>
      runtime.call('callee', name, args).then(
        () => 'answered',
        ({ code, message }) => `${code}: ${message}`,
      )
    expect(await wrong('greet', 7)).toBe('usage: the argument `name`: found `7`, expected string')
    expect(await wrong('greet')).toBe('usage: the argument `name`: found nothing, expected string')
    expect(await wrong('greet', 'a', 'b')).toContain('usage: found 2 arguments, expected 1: greet: func(name: string)')
    expect(await wrong('divide', 1.5, 1)).toContain('`a`: found `1.5`, expected s32')
    expect(await wrong('paint', { tag: 'corners', val: [{ x: 1, farAway: 2 }] })).toContain('`form.val[0].farAway`')
    expect(await wrong('greet', 'x'.repeat(300_000))).toContain('resource-limit-exceeded')
    expect(runtime.children()).toMatchObject([{ state: 'dormant' }])
  })

  it('finds functions by short and by long names, and says what there is', async () => {
    const { runtime } = await started()
    expect(await runtime.call('callee', 'say-twice', ['a', false])).toBe('a a')
    expect(await runtime.call('callee', 'acme:math/ops@1.0.0#count')).toBe(1_000)
    expect(await runtime.call('callee', 'half', [3])).toBe(1.5)
    await expect(runtime.call('callee', 'gret', [])).rejects.toMatchObject({
      code: 'function-unknown',
      hint: 'did you mean `greet`?',
    })
    await expect(runtime.call('callee', 'open')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('a resource'),
    })
    await expect(runtime.call('nobody', 'greet', [])).rejects.toMatchObject({ code: 'usage' })
  })

  it('is lost with the component that ends in the middle of it, and never made again', async () => {
    const { runtime } = await started(['delivery = "redeliver"'])
    await runtime.call('callee', 'greet', ['a'])
    await expect(runtime.call('callee', 'boom')).rejects.toMatchObject({ code: 'guest-trap' })
    expect(await runtime.call('callee', 'count')).toBe(0)
    // Who called has been told.
    expect(runtime.deadLetters.list()).toEqual([])
  })

  it('ends at its deadline, and at that of its component', async () => {
    const { runtime } = await started(['quotas.deadline = "2s"'])
    await runtime.call('callee', 'count', [], { deadline: '30s' })
    await expect(runtime.call('callee', 'spin', [], { deadline: 50 })).rejects.toMatchObject({ code: 'call-timeout' })
    // It waits for the other one, which its component is ended for, and is answered by the next incarnation.
    expect(await runtime.call('callee', 'greet', ['b'], { deadline: '60s' })).toBe('hello, b')
    await expect(runtime.call('callee', 'spin', [], { deadline: '60s' })).rejects.toMatchObject({
      code: 'call-timeout',
    })
  })

  it('is given up by its signal, and when the runtime stops', async () => {
    const { runtime } = await started()
    const gone = new AbortController()
    const aborted = runtime.call('callee', 'spin', [], { signal: gone.signal })
    gone.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await expect(runtime.call('callee', 'count', [], { signal: gone.signal })).rejects.toThrow('enough')
    const waiting = expect(runtime.call('callee', 'count')).rejects.toMatchObject({ code: 'actor-not-running' })
    await runtime.stop()
    await waiting
    await expect(runtime.call('callee', 'count')).rejects.toMatchObject({ code: 'actor-not-running' })
  })

  it('is refused where the mailbox is full, and an answer that is too large is none', async () => {
    const { runtime } = await started()
    expect(await runtime.call('callee', 'long', [1_000_000])).toHaveLength(1_000_000)
    await expect(runtime.call('callee', 'long', [1_048_577])).rejects.toMatchObject({
      code: 'resource-limit-exceeded',
      details: { resource: 'answer' },
    })
    // It is busy with these while the others come.
    const slow = Array.from({ length: 10 }, () => runtime.call('callee', 'long', [1_000_000]))
    const codes = await Promise.all(
      Array.from({ length: 1_200 }, () =>
        runtime.call('callee', 'count').then(
          () => 'answered',
          ({ code }) => code,
        ),
      ),
    )
    expect(new Set(codes)).toEqual(new Set(['answered', 'mailbox-overloaded']))
    expect(await Promise.all(slow)).toHaveLength(10)
  })

  it('makes a new instance each time where the lifetime is `call`', async () => {
    const { runtime } = await started(['lifetime = "call"'])
    await runtime.call('callee', 'greet', ['a'])
    expect(await runtime.call('callee', 'count')).toBe(0)
  })

  it('goes to one member of a pool', async () => {
    const { runtime } = await started(['instances = 2'])
    await runtime.call('callee', 'greet', ['a'])
    const counts = await Promise.all(Array.from({ length: 8 }, () => runtime.call('callee', 'count')))
    expect(counts.every((count) => count === 0 || count === 1)).toBe(true)
  })

  it('cannot be forged by a component', async () => {
    const { runtime } = await started([], ['messaging.publish = ["orders.>"]'])
    await expect(runtime.call('callee', 'forge', ['$sys.call'])).rejects.toMatchObject({ code: 'guest-error' })
    expect(await runtime.call('callee', 'forge', ['orders.new'])).toBeUndefined()
  })
})

describe('a component', () => {
  it('without functions is no library', async () => {
    world.tree({ callee: { component: guestFile('messages-echo'), grants: [], lines: ['kind = "library"'] } })
    await expect(world.start()).rejects.toMatchObject({
      code: 'component-invalid',
      message: expect.stringContaining('has no functions to call'),
    })
  })
})
