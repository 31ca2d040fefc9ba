import { parseChildId } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { AccountBook, type AccountStore, accountsInMemory, type ChildIdentity } from './account-book.js'
import type { Wall } from './planning/ladder.js'
import { type Accounts, freshAccounts, halfOpened, released } from './planning/ladder-accounts.js'
import { ladderTiming } from './planning/ladder-timing.js'
import { planAfterExit } from './planning/plan-after-exit.js'

const minute = 60_000
const timing = ladderTiming()
const bad = parseChildId('bad')
const identity: ChildIdentity = { origin: '/srv/tree', codeDigest: 'sha256:aa' }

/** One process: its monotonic clock begins anew, the wall clock and the store go on. */
class Host {
  readonly store: AccountStore
  #wallMs: number
  #nowMs: number
  readonly book: AccountBook

  constructor(
    store = accountsInMemory(),
    wallMs = 1_700_000_000_000,
    nowMs = 5,
    walls: readonly Wall[] = ['bubblewrap'],
  ) {
    this.store = store
    this.#wallMs = wallMs
    this.#nowMs = nowMs
    this.book = new AccountBook({
      store,
      timing,
      walls: new Set(walls),
      nowMs: () => this.#nowMs,
      wallMs: () => this.#wallMs,
    })
  }

  get nowMs(): number {
    return this.#nowMs
  }

  pass(ms: number): void {
    this.#wallMs += ms
    this.#nowMs += ms
  }

  /** The next process, after so long, with a wall clock that may have been set. */
  restart(downMs = 0, walls: readonly Wall[] = ['bubblewrap'], nowMs = 70_000): Host {
    return new Host(this.store, this.#wallMs + downMs, nowMs, walls)
  }

  /** Lets a child exit and keeps what follows. */
  exit(accounts: Accounts, what: 'crash' | 'resource' | 'security' | 'forged', id = bad, who = identity): Accounts {
    const spec = {
      restart: 'permanent',
      trust: 'unknown',
      intensity: { restarts: 3, withinMs: minute },
      walls: new Set<Wall>(['bubblewrap']),
      timing,
    } as const
    const exit =
      what === 'forged'
        ? { class: 'security' as const, hostility: 'forged-handle' as const, reason: what, healthyMs: 1 }
        : { class: what, reason: what, healthyMs: 1 }
    const after = planAfterExit(accounts, exit, spec, this.#nowMs, () => 0).accounts
    this.book.keep(id, who, after)
    return after
  }
}

describe('a child that is known', () => {
  it('begins with nothing, and finds again what it had', () => {
    const host = new Host()
    const accounts = host.book.recall(bad, identity)
    expect(accounts).toEqual(freshAccounts)
    const after = host.exit(host.exit(accounts, 'crash'), 'resource')
    expect(host.book.recall(bad, identity)).toMatchObject({ score: after.score, restarts: after.restarts })
  })

  it('keeps deadlines absolute over a restart of the host', () => {
    const host = new Host()
    let accounts = host.book.recall(bad, identity)
    for (let i = 0; i < 4; i++) accounts = host.exit(accounts, 'crash')
    expect(accounts.quarantine).toEqual({ cause: 'exhausted', phase: 'closed', untilMs: 5 + 5 * minute })
    const next = host.restart(2 * minute)
    expect(next.book.recall(bad, identity).quarantine?.untilMs).toBe(next.nowMs + 3 * minute)
  })

  it('keeps charges in their window, and the score in its steps', () => {
    const host = new Host()
    host.exit(host.exit(host.book.recall(bad, identity), 'crash'), 'resource')
    const soon = host.restart(30_000)
    const again = soon.book.recall(bad, identity)
    expect(again.restarts.chargedAtMs).toEqual([40_000, 40_000])
    expect(soon.exit(again, 'resource').level).toBe('reduced')
    const late = new Host()
    late.exit(late.book.recall(bad, identity), 'resource')
    const much = late.restart(5 * minute)
    expect(much.exit(much.book.recall(bad, identity), 'resource')).toMatchObject({
      level: 'thread',
      score: { points: 3 },
    })
  })

  it('makes no deadline longer when the wall clock was set back, and no charge younger than now', () => {
    const host = new Host()
    let accounts = host.book.recall(bad, identity)
    for (let i = 0; i < 4; i++) accounts = host.exit(accounts, 'crash')
    const back = host.restart(-365 * 24 * 60 * minute)
    expect(back.book.recall(bad, identity).quarantine?.untilMs).toBe(back.nowMs + 20 * minute)
    const other = new Host()
    other.exit(other.book.recall(bad, identity), 'crash')
    const early = other.restart(-minute)
    expect(early.book.recall(bad, identity).restarts.chargedAtMs).toEqual([early.nowMs])
  })

  it('begins a trial again that the process did not see the end of', () => {
    const host = new Host()
    let accounts = host.book.recall(bad, identity)
    for (let i = 0; i < 4; i++) accounts = host.exit(accounts, 'crash')
    host.pass(5 * minute)
    host.book.keep(bad, identity, halfOpened(accounts))
    expect(host.restart(minute).book.recall(bad, identity).quarantine?.phase).toBe('closed')
  })

  it('takes no seed: what others did later is not held against it', () => {
    const host = new Host()
    const good = parseChildId('good')
    host.book.recall(good, identity)
    host.exit(host.book.recall(bad, identity), 'forged')
    expect(host.book.recall(good, identity)).toEqual(freshAccounts)
    expect(host.restart().book.recall(good, identity)).toMatchObject({ level: 'thread', score: { points: 0 } })
  })
})

describe('laundering', () => {
  const hostile = (): Host => {
    const host = new Host()
    host.exit(host.book.recall(bad, identity), 'forged')
    return host
  }
  const isHeld = (accounts: Accounts): boolean =>
    accounts.quarantine?.cause === 'hostility' && accounts.isHeldBySecurity

  it('by delete and re-add', () => {
    const host = hostile()
    host.book.forget(bad)
    expect(isHeld(host.book.recall(bad, identity))).toBe(true)
  })

  it('by another name', () => {
    const host = hostile()
    host.book.forget(bad)
    expect(isHeld(host.book.recall(parseChildId('innocent'), identity))).toBe(true)
  })

  it('by the name of a child that was always good', () => {
    const host = hostile()
    const good = parseChildId('good')
    const other = { ...identity, codeDigest: 'sha256:bb' }
    host.book.recall(good, other)
    host.book.keep(good, other, freshAccounts)
    expect(isHeld(host.restart().book.recall(good, identity))).toBe(true)
    // Who keeps its name and gets better code keeps what it has itself, and so does who gets worse code and better again.
    expect(isHeld(host.book.recall(bad, other))).toBe(true)
    expect(isHeld(host.book.recall(good, other))).toBe(true)
  })

  it('by a restart of the host, however long', () => {
    expect(isHeld(hostile().restart(1e10).book.recall(bad, identity))).toBe(true)
    expect(isHeld(hostile().restart(1e10).book.recall(parseChildId('innocent'), identity))).toBe(true)
  })

  it('by other code from the same origin: it starts on the highest rung, and comes down in clean time', () => {
    const host = hostile()
    const other = { ...identity, codeDigest: 'sha256:bb' }
    const accounts = host.book.recall(parseChildId('rebuilt'), other)
    expect(accounts).toMatchObject({ level: 'process', quarantine: undefined, isHeldBySecurity: false })
    host.pass(10 * minute)
    expect(host.book.recall(parseChildId('later'), other).level).toBe('reduced')
    host.pass(5 * minute)
    expect(host.book.recall(parseChildId('last'), other).level).toBe('thread')
  })

  it('by many names: crashes of one code add up', () => {
    const host = new Host()
    let after = freshAccounts
    for (const name of ['a', 'b', 'c', 'd']) {
      const id = parseChildId(name)
      after = host.exit(host.book.recall(id, identity), 'crash', id)
      host.book.forget(id)
    }
    expect(after.quarantine?.cause).toBe('exhausted')
  })

  it('one tenant’s abuse seeds nobody else', () => {
    const host = new Host()
    const mallory = { ...identity, tenant: 'mallory' }
    const id = parseChildId('mallory/bad')
    host.exit(host.book.recall(id, mallory), 'forged', id, mallory)
    expect(isHeld(host.book.recall(parseChildId('mallory/new'), mallory))).toBe(true)
    expect(host.book.recall(parseChildId('alice/new'), { ...identity, tenant: 'alice' })).toEqual(freshAccounts)
    expect(host.book.recall(parseChildId('new'), identity)).toEqual(freshAccounts)
  })

  it('cannot be done by being good: a good sibling hides nothing', () => {
    const host = hostile()
    const good = parseChildId('good')
    host.exit(freshAccounts, 'crash', good)
    expect(isHeld(host.book.recall(parseChildId('third'), identity))).toBe(true)
  })
})

it('does not keep a seed young by faults that bring nobody higher', () => {
  const host = new Host()
  const other = { ...identity, codeDigest: 'sha256:bb' }
  const flaky = parseChildId('flaky')
  let accounts = host.book.recall(flaky, other)
  host.exit(host.exit(host.book.recall(bad, identity), 'resource'), 'resource')
  for (let i = 0; i < 4; i++) {
    host.pass(1.5 * minute)
    accounts = host.exit(accounts, 'crash', flaky, other)
  }
  expect(host.book.recall(parseChildId('new'), { origin: '/srv/tree' }).level).toBe('thread')
})

it('is clear after a release, for the child, its code and its origin', () => {
  const host = new Host()
  const accounts = host.exit(host.book.recall(bad, identity), 'forged')
  host.book.release(bad, identity, released(accounts))
  expect(host.book.recall(bad, identity)).toEqual(freshAccounts)
  expect(host.book.recall(parseChildId('new'), identity)).toEqual(freshAccounts)
})

it('forgets a deleted child that has nothing on it, and keeps the others', () => {
  const host = new Host()
  const good = parseChildId('good')
  host.book.recall(good, {})
  host.exit(host.book.recall(bad, {}), 'security', bad, {})
  for (const id of [good, bad, parseChildId('never')]) host.book.forget(id)
  expect(host.store.get('child good')).toBeUndefined()
  expect(host.store.get('child bad')).toMatchObject({ isGone: true, accounts: { level: 'reduced' } })
})

describe('a rung whose wall is gone', () => {
  it('is no way down: the child is quarantined until the wall is back or somebody releases it', () => {
    const host = new Host()
    host.exit(host.exit(host.book.recall(bad, identity), 'security'), 'security')
    const bare = host.restart(0, [])
    const accounts = bare.book.recall(bad, identity)
    expect(accounts).toMatchObject({ level: 'process', quarantine: { cause: 'walls', phase: 'closed' } })
    expect(accounts.quarantine?.untilMs).toBeUndefined()
    expect(bare.restart().book.recall(bad, identity)).toMatchObject({ level: 'process', quarantine: undefined })
  })
})
