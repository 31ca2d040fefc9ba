import type { ChildId } from '@bulkhead/vocabulary'
import { becauseUnitsMax } from './limits.js'
import type { Walls } from './planning/ladder.js'
import { type Accounts, freshAccounts, levelOf } from './planning/ladder-accounts.js'
import { agedSeed, isEmptySeed, originShare, type Seed, worseOf } from './planning/ladder-seeds.js'
import type { LadderTiming } from './planning/ladder-timing.js'
import { longestTermMs } from './planning/quarantine-term.js'

// The book of accounts: what a tree remembers of its children beyond itself. Inside a tree instants are monotonic and begin
// anew with the process; in the book they are wall clock, UTC, so that a deadline means the same instant after a restart.

/** Under what a child's past is kept besides its id. What is absent seeds nothing; tenants never seed each other. */
export type ChildIdentity = {
  readonly tenant?: string
  /** Signing key, else trust source, else the tree file's directory. */
  readonly origin?: string
  /** Over the code sections of the component only: what an appended custom section does not change. */
  readonly codeDigest?: string
}

/** Accounts as they are kept. All instants: wall clock, milliseconds since 1970 UTC. */
export type AccountRecord = {
  readonly accounts: Accounts
  /** When it was written because something had changed. */
  readonly sinceMs: number
  /** Of a child: the code that it was. Other code under its name is somebody else, who comes with a past as well. */
  readonly codeDigest?: string
  /** Set once the child was deleted: its record outlives it, and may be dropped when there is nothing in it any more. */
  readonly isGone?: true
}

/** `child ID`, `origin TENANT ORIGIN` or `code TENANT DIGEST`; the tenant is empty where there is none. */
export type AccountKey = string

/**
 * Where the book is kept. `put` returns at once; what was put before is on the disk soon after, in order, and all entries of
 * one call together or not at all. What cannot be written is the store's own to report: nothing here waits for a disk.
 */
export type AccountStore = {
  readonly get: (key: AccountKey) => AccountRecord | undefined
  readonly put: (entries: readonly (readonly [key: AccountKey, record: AccountRecord | undefined])[]) => void
}

/** A store that forgets everything with the process: for trees without a state directory. */
export function accountsInMemory(): AccountStore {
  const records = new Map<AccountKey, AccountRecord>()
  return {
    get: (key) => records.get(key),
    put: (entries) => {
      for (const [key, record] of entries) {
        if (record === undefined) records.delete(key)
        else records.set(key, record)
      }
    },
  }
}

export type AccountBookOptions = {
  readonly store: AccountStore
  readonly timing: LadderTiming
  readonly walls: Walls
  /** Monotonic milliseconds of the tree. */
  readonly nowMs: () => number
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly wallMs: () => number
}

/** Reads and writes accounts for one tree. */
export class AccountBook {
  readonly #options: AccountBookOptions

  constructor(options: AccountBookOptions) {
    this.#options = options
  }

  /**
   * The accounts that a child begins with: its own where it is known, else what its code and its origin left for it. From
   * then on it is known, so that nothing that others do later is held against it. A child that is known with other code has
   * its own accounts and what its new code left.
   */
  recall(id: ChildId, identity: ChildIdentity): Accounts {
    const known = this.#options.store.get(childKey(id))
    const accounts = this.#reconciled(known === undefined ? this.#seeded(identity) : this.#own(known, identity))
    this.#put([childEntry(id, identity, accounts)])
    return accounts
  }

  /**
   * The accounts of a child that is given other code while its tree runs: its own, and what that code left wherever it ran
   * before. Who keeps its code keeps its accounts as they are.
   */
  renew(id: ChildId, identity: ChildIdentity, accounts: Accounts): Accounts {
    const known = this.#options.store.get(childKey(id))?.codeDigest
    if (known === undefined || known === identity.codeDigest) return accounts
    const code = this.#codeSeed(identity)
    const after = code === undefined ? accounts : this.#reconciled(worseOf(accounts, code.accounts))
    this.#put([childEntry(id, identity, after)])
    return after
  }

  /** What some code left wherever it ran before; `undefined` where there is nothing. */
  pastOf(code: Pick<ChildIdentity, 'tenant' | 'codeDigest'>): Accounts | undefined {
    return this.#codeSeed(code)?.accounts
  }

  /** Keeps a child's accounts after they changed, and what of them its code and its origin have to answer for. */
  keep(id: ChildId, identity: ChildIdentity, accounts: Accounts): void {
    const { tenant = '', origin, codeDigest } = identity
    const seeds: Entry[] = []
    if (!isEmptySeed(accounts)) {
      if (codeDigest !== undefined) seeds.push(this.#worsened(codeKey(tenant, codeDigest), accounts))
      if (origin !== undefined) {
        seeds.push(this.#worsened(originKey(tenant, origin), originShare(accounts, this.#options.walls)))
      }
    }
    this.#put([childEntry(id, identity, accounts), ...seeds])
  }

  /** An operator released the child: neither it nor its code nor its origin has anything held against it. */
  release(id: ChildId, identity: ChildIdentity, accounts: Accounts): void {
    this.#put([childEntry(id, identity, accounts), ...seedKeys(identity).map((key) => ({ key }))])
  }

  /** The child was deleted. Its record stays as long as there is something in it. */
  forget(id: ChildId): void {
    const { store } = this.#options
    const record = store.get(childKey(id))
    if (record === undefined) return
    store.put([[childKey(id), isEmptySeed(record.accounts) ? undefined : { ...record, isGone: true }]])
  }

  #own(known: AccountRecord, identity: ChildIdentity): Accounts {
    const own = this.#revived(known.accounts)
    const isSame = known.codeDigest === undefined || known.codeDigest === identity.codeDigest
    const code = isSame ? undefined : this.#codeSeed(identity)
    return code === undefined ? own : worseOf(own, code.accounts)
  }

  #codeSeed({ tenant = '', codeDigest }: ChildIdentity): Seed | undefined {
    return codeDigest === undefined ? undefined : this.#seed(codeKey(tenant, codeDigest))
  }

  #seeded(identity: ChildIdentity): Accounts {
    const { tenant = '', origin } = identity
    const code = this.#codeSeed(identity)
    const from = origin === undefined ? undefined : this.#seed(originKey(tenant, origin))
    return worseOf(code?.accounts ?? freshAccounts, from?.accounts ?? freshAccounts)
  }

  /** A seed that one more child has made no better. Its age goes on unless the rung is a new one. */
  #worsened(key: AccountKey, accounts: Accounts): Entry {
    const before = this.#seed(key)
    if (before === undefined) return { key, accounts }
    const after = worseOf(before.accounts, accounts)
    const base = { key, accounts: after }
    return after.level === before.accounts.level ? { ...base, sinceMs: before.sinceMs } : base
  }

  #seed(key: AccountKey): Seed | undefined {
    const { store, timing, nowMs } = this.#options
    const record = store.get(key)
    if (record === undefined) return undefined
    return agedSeed(
      { accounts: this.#revived(record.accounts), sinceMs: this.#monotonic(record.sinceMs) },
      nowMs(),
      timing,
    )
  }

  /** The record's instants on the tree's clock. A wall clock that was set back must not make a deadline longer than it was. */
  #revived(accounts: Accounts): Accounts {
    const { nowMs, timing } = this.#options
    const now = nowMs()
    const past = (wallMs: number): number => Math.min(now, this.#monotonic(wallMs))
    const { restarts, score, quarantine } = accounts
    const untilMs = quarantine?.untilMs
    const ahead =
      untilMs === undefined ? {} : { untilMs: Math.min(this.#monotonic(untilMs), now + longestTermMs(timing)) }
    return {
      ...accounts,
      restarts: { ...restarts, chargedAtMs: restarts.chargedAtMs.map(past) },
      score: { ...score, sinceMs: past(score.sinceMs) },
      // A trial that the process did not live to see the end of begins again.
      quarantine: quarantine === undefined ? undefined : { ...quarantine, ...ahead, phase: 'closed' },
      // Time in which it did not run is no clean time.
      cleanSinceMs: undefined,
    }
  }

  /** A child must not come down a rung because a wall that holds it is not there any more. */
  #reconciled(accounts: Accounts): Accounts {
    const hasWalls = this.#options.walls.has('bubblewrap')
    if (levelOf(accounts) === 'process' && !hasWalls) {
      const because = 'its rung is `process`, and bubblewrap cannot run here'
      return { ...accounts, quarantine: { cause: 'walls', phase: 'closed' }, because }
    }
    return accounts.quarantine?.cause === 'walls' && hasWalls ? { ...accounts, quarantine: undefined } : accounts
  }

  #put(entries: readonly Entry[]): void {
    const { store, wallMs } = this.#options
    store.put(
      entries.map(({ key, accounts, sinceMs, codeDigest }) => {
        if (accounts === undefined) return [key, undefined]
        const since = sinceMs === undefined ? wallMs() : this.#wall(sinceMs)
        const base = { accounts: this.#recorded(accounts), sinceMs: since }
        return [key, codeDigest === undefined ? base : { ...base, codeDigest }]
      }),
    )
  }

  #recorded(accounts: Accounts): Accounts {
    const { restarts, score, quarantine, because } = accounts
    const untilMs = quarantine?.untilMs
    return {
      ...accounts,
      restarts: { ...restarts, chargedAtMs: restarts.chargedAtMs.map((instant) => this.#wall(instant)) },
      score: { ...score, sinceMs: this.#wall(score.sinceMs) },
      quarantine:
        quarantine === undefined || untilMs === undefined
          ? quarantine
          : { ...quarantine, untilMs: this.#wall(untilMs) },
      because: because?.slice(0, becauseUnitsMax),
      cleanSinceMs: undefined,
    }
  }

  #wall(monotonicMs: number): number {
    return Math.round(this.#options.wallMs() + monotonicMs - this.#options.nowMs())
  }

  #monotonic(wallMs: number): number {
    return this.#options.nowMs() + wallMs - this.#options.wallMs()
  }
}

/** Accounts to be written, or taken away where there are none; since when they are so, now when left out; and whose. */
type Entry = {
  readonly key: AccountKey
  readonly accounts?: Accounts
  readonly sinceMs?: number
  readonly codeDigest?: string
}

function childEntry(id: ChildId, { codeDigest }: ChildIdentity, accounts: Accounts): Entry {
  const base = { key: childKey(id), accounts }
  return codeDigest === undefined ? base : { ...base, codeDigest }
}

function childKey(id: ChildId): AccountKey {
  return `child ${id}`
}

function originKey(tenant: string, origin: string): AccountKey {
  return `origin ${tenant} ${origin}`
}

function codeKey(tenant: string, digest: string): AccountKey {
  return `code ${tenant} ${digest}`
}

function seedKeys({ tenant = '', origin, codeDigest }: ChildIdentity): readonly AccountKey[] {
  return [
    ...(origin === undefined ? [] : [originKey(tenant, origin)]),
    ...(codeDigest === undefined ? [] : [codeKey(tenant, codeDigest)]),
  ]
}
