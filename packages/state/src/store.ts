// Perimeter: transactional stores below the state directory.
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Codec } from './codec.js'
import { explainRefusal } from './disk-errors.js'
import { removeFile, writeNewFile } from './durable-file.js'
import { bytesOf, type Environment, type EnvironmentTable, openEnvironment, openTable } from './environment.js'
import { roomBytes, storeBytesMax, storeTablesMax, tableNameBytesMax } from './limits.js'
import { corruptStore } from './store-damage.js'
import { closedMark, looksOf, markName, openMark, readMark } from './store-mark.js'
import type { StorePlace } from './store-place.js'
import { makeTable, type Table } from './table.js'
import { replaceByCopy } from './walk-store.js'

export type StoreOptions = {
  /** What the store may hold; `storeBytesMax` unless it should be less. */
  readonly bytesMax?: number
}

/**
 * Tables that change together or not at all, in one LMDB environment below the state directory. What `transact`
 * acknowledged survives `kill -9` and a power cut.
 *
 * A commit is synchronous and blocks its thread until the disk has it: for what operators and starts change, not for
 * what guests write. Open it in the host only: a thread that dies inside a write keeps LMDB's lock for ever.
 *
 * @example
 * ```ts
 * await using grants = await Store.open(state, 'grants')
 * const table = grants.table('operator', jsonCodec(checkGrant))
 * await grants.transact(() => table.put('ingest', grant))
 * table.get('ingest')
 * ```
 */
export class Store implements AsyncDisposable {
  /** Its name, which is its folder in the state directory. */
  readonly name: string
  readonly #state: StorePlace
  readonly #directory: string
  readonly #environment: Environment
  readonly #bytesMax: number
  readonly #databases = new Map<string, EnvironmentTable>()
  #inTransaction = false
  #closing: Promise<void> | undefined

  private constructor(state: StorePlace, name: string, environment: Environment, bytesMax: number) {
    this.name = name
    this.#state = state
    this.#directory = state.path(name)
    this.#environment = environment
    this.#bytesMax = bytesMax
  }

  /**
   * Opens the store of that name, or makes it. One that was not closed in order, or whose file is not the one that was
   * closed, is read by a child process first and replaced by a copy of what is whole in it, if all of it is.
   *
   * @throws {BulkheadError} `store-corrupt` when what lies there is damaged or missing; `state-unwritable` when the disk
   *   refuses to be written.
   */
  static async open(state: StorePlace, name: string, options: StoreOptions = {}): Promise<Store> {
    const directory = state.path(name)
    if (openStores.has(directory)) throw new BulkheadError('usage', `the store \`${name}\` is open already`)
    openStores.add(directory)
    try {
      state.directory(name)
      await checkBelievable(state, directory, name)
      makeWay(directory)
      const bytesMax = options.bytesMax ?? storeBytesMax
      const environment = openEnvironment(directory, bytesMax)
      await state.replaceFile(`${name}/${markName}`, openMark())
      return new Store(state, name, environment, bytesMax)
    } catch (error) {
      openStores.delete(directory)
      throw explainRefusal(error, directory)
    }
  }

  /**
   * A table of this store. Every value lies there with a checksum over table, key and value.
   *
   * @throws {BulkheadError} `usage` for one table too many; `state-unwritable` when it is new and the disk refuses.
   */
  table<Value>(name: string, codec: Codec<Value>): Table<Value> {
    this.#checkOpen()
    if (this.#inTransaction) throw new BulkheadError('usage', 'tables are opened outside transact()')
    const place = {
      store: this.name,
      table: name,
      checkOpen: () => this.#checkOpen(),
      checkWritable: () => this.#checkWritable(),
    }
    return makeTable(this.#database(name), place, codec)
  }

  /**
   * Runs `work` in one transaction over all tables: when it resolves, all of it is on the disk; when `work` throws, or the
   * disk refuses, nothing of it ever was. `work` is synchronous and does not nest.
   *
   * @throws whatever `work` throws; {BulkheadError} `state-unwritable` when the disk refuses or the store is full.
   */
  async transact<Result>(work: () => Result): Promise<Result> {
    this.#checkOpen()
    if (this.#inTransaction) throw new BulkheadError('usage', 'a transaction cannot hold another one')
    this.#inTransaction = true
    try {
      return this.#environment.transactionSync(() => {
        const bytesBefore = this.#bytes()
        const result = work()
        if (result instanceof Promise) throw new BulkheadError('usage', 'the work of a transaction is synchronous')
        const bytes = this.#bytes()
        if (bytes > this.#bytesMax && bytes > bytesBefore) throw this.#full()
        return result
      })
    } catch (error) {
      throw explainRefusal(error, this.#directory)
    } finally {
      this.#inTransaction = false
    }
  }

  /** Closes the store and vouches for it: the next one that opens it need not look. Before the state directory closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#environment.close()
    openStores.delete(this.#directory)
    try {
      await this.#state.replaceFile(`${this.name}/${markName}`, closedMark(this.#directory))
    } catch (error) {
      // A full disk: what was acknowledged is there, only the next one has to look for itself.
      if (!(error instanceof BulkheadError && error.code === 'state-unwritable')) throw error
    }
  }

  #database(name: string): EnvironmentTable {
    const known = this.#databases.get(name)
    if (known !== undefined) return known
    if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > tableNameBytesMax) {
      throw new BulkheadError('usage', `\`${name.slice(0, 100)}\` cannot be the name of a table`)
    }
    if (this.#databases.size >= storeTablesMax) {
      throw new BulkheadError('usage', `a store has at most ${storeTablesMax} tables`)
    }
    try {
      const database = openTable(this.#environment, name)
      this.#databases.set(name, database)
      return database
    } catch (error) {
      throw explainRefusal(error, this.#directory)
    }
  }

  /** Bytes of the pages that the tables take, with what the running transaction adds. */
  #bytes(): number {
    let bytes = 0
    for (const database of this.#databases.values()) bytes += bytesOf(database)
    return bytes
  }

  #full(): BulkheadError {
    return new BulkheadError('state-unwritable', `the store \`${this.name}\` is full: ${this.#bytesMax} bytes`, {
      details: { path: this.#directory, reason: 'full', bytesMax: this.#bytesMax },
      hint: 'remove something from it first',
    })
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new BulkheadError('usage', `the store \`${this.name}\` is closed`)
  }

  #checkWritable(): void {
    this.#checkOpen()
    if (!this.#inTransaction) throw new BulkheadError('usage', `\`${this.name}\` is written inside transact() only`)
  }
}

/** Directories of the stores that are open in this process: LMDB takes no second lock on a file for itself. */
const openStores = new Set<string>()

/**
 * LMDB's binding does not survive an open that fails half-way: it takes the process with it. So what could fail is tried
 * first: whether the disk takes as much as a new database needs. And the lock file of those who are gone is removed; the
 * state directory's lock, which we hold, says that nobody else is here.
 */
function makeWay(directory: string): void {
  const room = join(directory, 'room')
  removeFile(room)
  writeNewFile(room, new Uint8Array(roomBytes))
  removeFile(room)
  removeFile(join(directory, 'lock.mdb'))
}

/** A store that was made and has no file any more lost what it held; that is not the same as an empty one. */
async function checkBelievable(state: StorePlace, directory: string, name: string): Promise<void> {
  const mark = readMark(directory)
  const looks = looksOf(directory)
  if (looks === undefined) {
    if (mark.kind !== 'new') throw corruptStore(name, directory, 'has lost its file `data.mdb`')
    return
  }
  const isVouchedFor = state.previousStop !== 'unclean' && mark.kind === 'closed' && mark.looks === looks
  if (!isVouchedFor) await replaceByCopy(directory, name)
}
