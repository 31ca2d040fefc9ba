// What supervision remembers of children, on the disk: `counters/` in the state directory.

import { createHash } from 'node:crypto'
import { jsonCodec, type StateDirectory, type Table } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import type { AccountKey, AccountRecord, AccountStore } from '@bulkhead/supervisors'
import { accountKeptMs, accountKeyBytesMax, accountRecordsMax } from './limits.js'
import { readRecord } from './read-record.js'

export type KeptAccountsOptions = {
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly wallMs: () => number
  /** The disk refused. What was put is still held against children in this process, and is written with the next change. */
  readonly onFailure: (error: unknown) => void
}

type Entry = readonly [key: AccountKey, record: AccountRecord | undefined]

/**
 * The accounts of a host, in memory whole and on the disk. Reads are of the memory; what is put is written once the events
 * at hand are done with, all of it in one transaction, so that a hundred children that crash together cost one commit and
 * not a hundred. Killed between the two, a host forgets what it saw in that instant and nothing of what it saw before.
 *
 * @example
 * ```ts
 * const accounts = await KeptAccounts.open(state, { wallMs: clock.wallMs, onFailure })
 * new SupervisionTree({ …, accounts })
 * await accounts.close() // before the state directory
 * ```
 */
export class KeptAccounts implements AccountStore {
  readonly #store: Store
  readonly #table: Table<AccountRecord>
  readonly #options: KeptAccountsOptions
  /** By key as it lies on the disk, the longest unchanged first. */
  readonly #records: Map<string, AccountRecord>
  #changed = new Map<string, AccountRecord | undefined>()
  #isDue = false
  #writing: Promise<void> = Promise.resolve()

  private constructor(store: Store, table: Table<AccountRecord>, options: KeptAccountsOptions) {
    this.#store = store
    this.#table = table
    this.#options = options
    this.#records = new Map([...table.entries()].sort(([, one], [, other]) => one.sinceMs - other.sinceMs))
  }

  /** @throws {BulkheadError} `store-corrupt` when it cannot be believed; `state-unwritable` when the disk refuses. */
  static async open(state: StateDirectory, options: KeptAccountsOptions): Promise<KeptAccounts> {
    const store = await Store.open(state, 'counters')
    try {
      const accounts = new KeptAccounts(store, store.table('accounts', jsonCodec(readRecord)), options)
      accounts.#dropOld()
      await accounts.flush()
      return accounts
    } catch (thrown) {
      await store.close()
      throw thrown
    }
  }

  /** Whether anybody is known who would not begin at `thread`. */
  get holdsIsolated(): boolean {
    return [...this.#records.values()].some(
      ({ accounts: { level, quarantine } }) => level !== 'thread' || quarantine !== undefined,
    )
  }

  readonly get = (key: AccountKey): AccountRecord | undefined => this.#records.get(writtenKey(key))

  readonly put = (entries: readonly Entry[]): void => {
    for (const [key, record] of entries) this.#change(writtenKey(key), record)
    if (this.#records.size > accountRecordsMax) this.#makeRoom()
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => void this.flush())
  }

  /** Resolves when everything that was put before the call is on the disk, or was refused. Never rejects. */
  flush(): Promise<void> {
    this.#isDue = false
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async close(): Promise<void> {
    await this.flush()
    await this.#store.close()
  }

  async #write(): Promise<void> {
    if (this.#changed.size === 0) return
    const changed = this.#changed
    this.#changed = new Map()
    try {
      await this.#store.transact(() => {
        for (const [key, record] of changed) {
          if (record === undefined) this.#table.remove(key)
          else this.#table.put(key, record)
        }
      })
    } catch (thrown) {
      // What changed since is newer than what could not be written.
      this.#changed = new Map([...changed, ...this.#changed])
      this.#options.onFailure(thrown)
    }
  }

  #change(key: string, record: AccountRecord | undefined): void {
    this.#records.delete(key)
    if (record !== undefined) this.#records.set(key, record)
    this.#changed.set(key, record)
  }

  #dropOld(): void {
    const oldestMs = this.#options.wallMs() - accountKeptMs
    for (const [key, record] of this.#records) {
      if (record.sinceMs >= oldestMs) break
      if (isDispensable(key, record) && !record.accounts.isHeldBySecurity) this.#change(key, undefined)
    }
  }

  /** Children that are there keep their records, however many: the tree bounds them. */
  #makeRoom(): void {
    for (const [key, record] of this.#records) {
      if (this.#records.size <= accountRecordsMax) return
      if (isDispensable(key, record)) this.#change(key, undefined)
    }
  }
}

/** A seed, or a child that is gone. */
function isDispensable(key: string, { isGone }: AccountRecord): boolean {
  return isGone === true || !key.startsWith('child ')
}

function writtenKey(key: AccountKey): string {
  if (Buffer.byteLength(key) <= accountKeyBytesMax) return key
  const kind = key.slice(0, key.indexOf(' '))
  return `${kind} sha256:${createHash('sha256').update(key).digest('hex')}`
}
