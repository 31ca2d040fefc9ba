import { isDeepStrictEqual } from 'node:util'
import { jsonCodec, type Store, type Table } from '@bulkhead/state'
import { BulkheadError, parseChildId } from '@bulkhead/vocabulary'
import { subjectBytesMax } from './limits.js'

/** What a runtime last knew of its children, so that questions about them have an answer while none runs. */
export class Subjects<Value> {
  readonly #store: Store
  readonly #table: Table<Value>

  /** @param check turns what is stored into a value, and throws when it is of another shape */
  constructor(store: Store, check: (found: unknown) => Value) {
    this.#store = store
    this.#table = store.table('subjects', jsonCodec(check))
  }

  get(child: string): Value | undefined {
    return this.#table.get(parseChildId(child))
  }

  all(): Iterable<readonly [child: string, value: Value]> {
    return this.#table.entries()
  }

  /** @throws {BulkheadError} `usage` when its JSON is larger than 1,000,000 bytes. */
  async put(child: string, value: Value): Promise<void> {
    const key = parseChildId(child)
    const text = JSON.stringify(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > subjectBytesMax) {
      throw new BulkheadError(
        'usage',
        `what is kept of \`${child}\` has at most ${subjectBytesMax} bytes, not ${bytes}`,
      )
    }
    // Every start says the same again, and a transaction waits for the disk.
    if (isDeepStrictEqual(this.#table.get(key), JSON.parse(text))) return
    await this.#store.transact(() => this.#table.put(key, value))
  }

  /** Whether there was one. */
  async remove(child: string): Promise<boolean> {
    const key = parseChildId(child)
    return this.#store.transact(() => this.#table.remove(key))
  }
}
