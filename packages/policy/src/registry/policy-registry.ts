import type { Store, Table } from '@bulkhead/state'
import { BulkheadError, type Clock } from '@bulkhead/vocabulary'
import { changeRoundsMax, versionsKeptMax } from './limits.js'
import { ParsedPolicies } from './parsed-policies.js'
import { planChange, type Rollback } from './plan-change.js'
import { checkPolicyKey, type PolicyKey } from './policy-key.js'
import {
  type ChangedBy,
  checkChangedBy,
  checkDraft,
  headCodec,
  type PolicyDraft,
  type PolicyHead,
  type PolicySourceMark,
  type PolicyText,
  type PolicyVersion,
  versionCodec,
} from './policy-version.js'
import { type RegistryMetrics, Stopwatch } from './registry-metrics.js'

export type RegistryOptions<Policy> = {
  /** Reads a document. Its errors are the errors of whoever wanted the policy. */
  readonly parse: (text: PolicyText, componentId: string) => Policy
  readonly clock: Pick<Clock, 'monotonicNs'>
}

export type ChangeOptions<Policy> = {
  /** In whose name-space the document's patterns are read. */
  readonly componentId: string
  /** The number that the current version must have, 0 for none. Without it a change that lost a race is planned again. */
  readonly expected?: number
  /** The last word before a version is written: limits, conflicts, contexts that must compile. Throws to refuse. */
  readonly validate?: (policy: Policy) => void | Promise<void>
}

/** The version in force after a change, and whether the change made it. */
export type ChangeResult = { readonly version: PolicyVersion; readonly changed: boolean }

/**
 * Per child and per kind of component the policy in force and its history. Every change is read, judged and written in one
 * transaction against the version that it was planned on: of many at once none is lost, and what fails leaves the old
 * version in force.
 *
 * @example
 * ```ts
 * const registry = PolicyRegistry.open(store, { parse, clock: systemClock })
 * const key = childPolicyKey('ingest')
 * await registry.update(key, { format: 'native', file, text, author: 'ana', time, reason: 'first' }, { componentId: 'ingest' })
 * registry.currentPolicy(key, 'ingest')
 * await registry.rollback(key, 1, { author: 'ana', time, reason: 'too wide', allowOlderSigned: true }, { componentId: 'ingest' })
 * ```
 */
export class PolicyRegistry<Policy extends object> {
  readonly #store: Store
  readonly #heads: Table<PolicyHead>
  readonly #versions: Table<PolicyVersion>
  readonly #parse: RegistryOptions<Policy>['parse']
  readonly #parsed = new ParsedPolicies<Policy>()
  readonly #parseTime: Stopwatch
  readonly #validateTime: Stopwatch
  readonly #counts = { updates: 0, rollbacks: 0, removals: 0, unchanged: 0, rejected: 0, conflicts: 0 }

  private constructor(store: Store, options: RegistryOptions<Policy>) {
    this.#store = store
    this.#heads = store.table('heads', headCodec)
    this.#versions = store.table('versions', versionCodec)
    this.#parse = options.parse
    this.#parseTime = new Stopwatch(options.clock.monotonicNs)
    this.#validateTime = new Stopwatch(options.clock.monotonicNs)
  }

  /** The registry in a store of its own; the caller closes the store. */
  static open<Policy extends object>(store: Store, options: RegistryOptions<Policy>): PolicyRegistry<Policy> {
    return new PolicyRegistry(store, options)
  }

  /** Whose policies there are. */
  keys(): readonly PolicyKey[] {
    const keys = [...this.#heads.entries()].filter(([, head]) => head.current !== undefined).map(([key]) => key)
    return keys.map(checkPolicyKey)
  }

  current(key: PolicyKey): PolicyVersion | undefined {
    const number = this.#head(key)?.current?.number
    return number === undefined ? undefined : this.#kept(key, number)
  }

  /** The versions that are kept, newest first; also of a policy that was removed. At most 20. */
  history(key: PolicyKey): readonly PolicyVersion[] {
    return [...this.#versions.entries(versionPrefix(key))].map(([, version]) => version).reverse()
  }

  version(key: PolicyKey, number: number): PolicyVersion | undefined {
    return this.#versions.get(versionKey(key, number))
  }

  /** What was last taken from a file or address for this policy, whatever became of it since. */
  lastSource(key: PolicyKey): PolicySourceMark | undefined {
    return this.#head(key)?.source
  }

  /** Who removed the policy, if it is removed. */
  removal(key: PolicyKey): ChangedBy | undefined {
    return this.#head(key)?.removal
  }

  /**
   * The policy in force, read at its first use.
   *
   * @throws what `parse` throws: the caller falls back to denying everything.
   */
  currentPolicy(key: PolicyKey, componentId: string): Policy | undefined {
    const current = this.#head(key)?.current
    if (current === undefined) return undefined
    const cacheKey = parsedKey(current, componentId)
    const known = this.#parsed.get(cacheKey)
    if (known !== undefined) return known
    const policy = this.#read(this.#kept(key, current.number), componentId)
    this.#parsed.put(cacheKey, policy)
    return policy
  }

  /**
   * Makes a document the current version.
   *
   * @throws {BulkheadError} `update-conflict` when `expected` is not the current version; `policy-replayed` for a signature
   *   that is older than one accepted before; `state-unwritable` when the disk refuses; what `parse` and `validate` throw.
   */
  async update(key: PolicyKey, draft: PolicyDraft, options: ChangeOptions<Policy>): Promise<ChangeResult> {
    return this.#counted('updates', () => this.#change(key, () => ({ draft }), options))
  }

  /**
   * Makes the current version another: `change` gets the policy in force and gives the text of the next one, in the native
   * format. It is called again when another change came first, so that of many at once none is lost.
   */
  async edit(
    key: PolicyKey,
    change: (current: Policy | undefined) => string,
    by: ChangedBy,
    options: ChangeOptions<Policy>,
  ): Promise<ChangeResult> {
    const { author, time, reason } = by
    const plan = () => {
      const text = change(this.currentPolicy(key, options.componentId))
      return { draft: { format: 'native', file: `policy:${key}`, text, author, time, reason } as const }
    }
    return this.#counted('updates', () => this.#change(key, plan, options))
  }

  /**
   * Makes the bytes of an older version a new one. The highest accepted sequence stays.
   *
   * @throws {BulkheadError} `policy-not-found` when the version is not kept; `policy-replayed` when it was signed, a newer
   *   signed one was accepted since, and `allowOlderSigned` is false; otherwise as `update`.
   */
  async rollback(
    key: PolicyKey,
    to: number,
    by: ChangedBy & { readonly allowOlderSigned: boolean },
    options: ChangeOptions<Policy>,
  ): Promise<ChangeResult> {
    const plan = (head: PolicyHead | undefined) => {
      const target = this.version(key, to)
      if (target === undefined) throw this.#notKept(key, to)
      if (!by.allowOlderSigned) checkNotOlderSigned(target, head)
      const { number: _number, hash: _hash, rolledBackTo: _before, ...document } = target
      const { author, time, reason } = by
      return { draft: { ...document, author, time, reason }, rollback: { to } }
    }
    return this.#counted('rollbacks', () => this.#change(key, plan, options))
  }

  /**
   * Removes the policy; its history stays, its numbers are not used again, and the place that it was taken from counts as
   * never read.
   *
   * @returns whether there was one
   * @throws {BulkheadError} `update-conflict` when `expected` is not the current version.
   */
  async remove(key: PolicyKey, by: ChangedBy, options: { readonly expected?: number } = {}): Promise<boolean> {
    checkChangedBy(by)
    const { author, time, reason } = by
    const removed = await this.#store.transact(() => {
      const head = this.#head(key)
      checkExpected(key, head, options.expected)
      if (head?.current === undefined) return false
      const { current: _current, source: _source, ...lasting } = head
      this.#heads.put(key, { ...lasting, removal: { author, time, reason } })
      return true
    })
    if (removed) this.#counts.removals++
    return removed
  }

  metrics(): RegistryMetrics {
    return {
      parse: this.#parseTime.durations,
      validate: this.#validateTime.durations,
      cacheHits: this.#parsed.hits,
      cacheMisses: this.#parsed.misses,
      ...this.#counts,
    }
  }

  async #counted(kind: 'updates' | 'rollbacks', change: () => Promise<ChangeResult>): Promise<ChangeResult> {
    try {
      const result = await change()
      this.#counts[result.changed ? kind : 'unchanged']++
      return result
    } catch (error) {
      this.#counts.rejected++
      throw error
    }
  }

  async #change(key: PolicyKey, plan: Planner, options: ChangeOptions<Policy>): Promise<ChangeResult> {
    for (let round = 0; round < changeRoundsMax; round++) {
      const head = this.#head(key)
      checkExpected(key, head, options.expected)
      const { draft, rollback } = plan(head)
      // A replay is refused before anybody compiles anything for it.
      planChange(head, draft, rollback)
      const policy = this.#read(draft, options.componentId)
      checkDraft(draft)
      const pending = this.#validate(policy, options)
      // Waiting lets others in between: not where there is nothing to wait for.
      if (pending !== undefined) await pending
      const result = await this.#store.transact(() => this.#write(key, head, draft, rollback))
      if (result !== undefined) {
        this.#parsed.put(parsedKey(result.version, options.componentId), policy)
        return result
      }
      this.#counts.conflicts++
    }
    throw conflict(key, `it changed ${changeRoundsMax} times meanwhile`)
  }

  /** Inside the transaction. `undefined` when the policy is no longer the one that the change was planned on. */
  #write(
    key: PolicyKey,
    planned: PolicyHead | undefined,
    draft: PolicyDraft,
    rollback: Rollback | undefined,
  ): ChangeResult | undefined {
    const head = this.#head(key)
    if (numberOf(head) !== numberOf(planned)) return undefined
    const plan = planChange(head, draft, rollback)
    if (plan.head !== undefined) this.#heads.put(key, plan.head)
    if (plan.kind === 'unchanged') return { version: this.#kept(key, numberOf(head)), changed: false }
    const { version } = plan
    this.#versions.put(versionKey(key, version.number), version)
    this.#forget(key, plan.forgetTo)
    return { version, changed: true }
  }

  #forget(key: PolicyKey, forgetTo: number): void {
    const prefix = versionPrefix(key)
    for (const kept of this.#versions.keys({ prefix })) {
      if (Number(kept.slice(prefix.length)) <= forgetTo) this.#versions.remove(kept)
    }
  }

  #read(text: PolicyText, componentId: string): Policy {
    const stop = this.#parseTime.start()
    try {
      return this.#parse(text, componentId)
    } finally {
      stop()
    }
  }

  #validate(policy: Policy, { validate }: ChangeOptions<Policy>): Promise<void> | undefined {
    if (validate === undefined) return undefined
    const stop = this.#validateTime.start()
    const pending = validate(policy)
    if (pending !== undefined) return pending.finally(stop)
    stop()
    return undefined
  }

  #head(key: PolicyKey): PolicyHead | undefined {
    return this.#heads.get(checkPolicyKey(key))
  }

  /** A version of which the head says that it is there. */
  #kept(key: PolicyKey, number: number): PolicyVersion {
    const version = this.version(key, number)
    if (version !== undefined) return version
    throw new BulkheadError('store-corrupt', `version ${number} of the policy \`${key}\` is missing`, {
      details: { store: this.#store.name, key, number },
      hint: `restore the folder ${this.#store.name} of the state directory from a copy`,
    })
  }

  #notKept(key: PolicyKey, number: number): BulkheadError {
    const kept = this.history(key).map((version) => version.number)
    const last = `at most ${versionsKeptMax} are kept`
    return new BulkheadError('policy-not-found', `the policy \`${key}\` has no version ${number}; ${last}`, {
      details: { key, number, kept },
      hint: kept.length === 0 ? 'it has no versions at all' : `there are ${kept.join(', ')}`,
    })
  }
}

type Planner = (head: PolicyHead | undefined) => { readonly draft: PolicyDraft; readonly rollback?: Rollback }

const numberDigits = 10

function versionPrefix(key: PolicyKey): string {
  return `${checkPolicyKey(key)}#`
}

/** Zeros in front make the order of the bytes the order of the numbers. */
function versionKey(key: PolicyKey, number: number): string {
  return versionPrefix(key) + String(number).padStart(numberDigits, '0')
}

function parsedKey(
  { hash, format, file }: { hash: string; format: string; file: string },
  componentId: string,
): string {
  return JSON.stringify([hash, format, file, componentId])
}

function numberOf(head: PolicyHead | undefined): number {
  return head?.current?.number ?? 0
}

function checkExpected(key: PolicyKey, head: PolicyHead | undefined, expected: number | undefined): void {
  const number = numberOf(head)
  if (expected === undefined || expected === number) return
  throw conflict(key, `it is at version ${number}, not ${expected}`)
}

function checkNotOlderSigned(target: PolicyVersion, head: PolicyHead | undefined): void {
  const sequence = target.signature?.sequence
  const highest = head?.highest?.sequence
  if (sequence === undefined || highest === undefined || sequence >= highest) return
  const text = `version ${target.number} was signed with sequence ${sequence}, and ${highest} was accepted since`
  throw new BulkheadError('policy-replayed', text, {
    details: { number: target.number, sequence, highest },
    hint: `sign its bytes again with a sequence above ${highest}, or set require_signatures = false in trust.toml`,
  })
}

function conflict(key: PolicyKey, what: string): BulkheadError {
  return new BulkheadError('update-conflict', `the policy \`${key}\` was changed by somebody else: ${what}`, {
    details: { key },
    hint: 'look at what it says now, then try again',
  })
}
