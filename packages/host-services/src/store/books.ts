import type { Table } from '@bulkhead/state'
import { Denial } from '@bulkhead/vocabulary'

/** What an owner has in use and may have, in bytes. One word each, in memory that the host and the service alone map. */
export class Usage {
  readonly #words: BigInt64Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new BigInt64Array(memory)
  }

  static createMemory(limitBytes: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(16)
    new Usage(memory).limitBytes = limitBytes
    return memory
  }

  get usedBytes(): number {
    return Number(Atomics.load(this.#words, 0))
  }

  set usedBytes(bytes: number) {
    Atomics.store(this.#words, 0, BigInt(bytes))
  }

  get limitBytes(): number {
    return Number(Atomics.load(this.#words, 1))
  }

  set limitBytes(bytes: number) {
    Atomics.store(this.#words, 1, BigInt(bytes))
  }
}

/**
 * Who uses how much: changes of one transaction, written with it or not at all.
 *
 * INVARIANT (adds up): an owner's entry is the sum of `allocatedBytes` of the values that name the owner, at each commit.
 */
export class Books {
  readonly #table: Table<number>
  #touched = new Set<string>()

  constructor(table: Table<number>) {
    this.#table = table
  }

  usedBytes(owner: string): number {
    return this.#table.get(owner) ?? 0
  }

  /** Whose use was changed since this was last asked, also where the transaction failed. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched
    this.#touched = new Set()
    return touched
  }

  /**
   * Inside a transaction: adds each owner's change.
   *
   * @param payer who pays for what is added: nobody else's change is above zero.
   * @throws {Denial} `resource-limit-exceeded` when the payer would have more than it may: then nothing is changed.
   */
  book(changes: ReadonlyMap<string, number>, payer: string, limitBytes: number): void {
    const more = changes.get(payer) ?? 0
    if (more > 0 && this.usedBytes(payer) + more > limitBytes) {
      throw new Denial('resource-limit-exceeded', `\`${payer}\` has used its ${limitBytes} bytes of storage`, {
        details: { resource: 'storage', limit: limitBytes },
      })
    }
    for (const [owner, change] of changes) {
      if (change === 0) continue
      this.#touched.add(owner)
      const bytes = this.usedBytes(owner) + change
      if (bytes === 0) this.#table.remove(owner)
      else this.#table.put(owner, bytes)
    }
  }
}
