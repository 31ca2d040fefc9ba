import { listedKeysMax } from '../limits.js'
import { readAnswer } from '../service/answer.js'
import type { FieldReader } from '../service/field-reader.js'
import { checkStoreRequest } from './check-names.js'
import { encodeStoreRequest, type StoreEntry, type StoreRequest } from './store-request.js'

/** Keys of a page, and whether there are more behind its last one. */
export type StorePage = { readonly keys: readonly string[]; readonly more: boolean }

/** `found`: what stands there instead; absent when nothing does. */
export type SwapOutcome = { readonly kind: 'swapped' } | { readonly kind: 'differs'; readonly found?: Uint8Array }

/**
 * The store as a guest's thread calls it: what to ask and what was answered, over any way to ask (a slot; a socket).
 * Everything here throws what the service answered: `storage-access-denied`, `resource-limit-exceeded`, `store-corrupt`,
 * `state-unwritable`; and `resource-limit-exceeded` or `usage` for what may not be asked.
 *
 * @example
 * ```ts
 * const store = new StoreClient((request) => bytesOf(caller.call(request)))
 * store.set('self:cache', 'rates', bytes)
 * store.increment('shared:counters', 'orders', 1n)
 * ```
 */
export class StoreClient {
  readonly #ask: (request: Uint8Array) => Uint8Array

  /** @param ask blocks until the answer is there, and throws when there will be none. */
  constructor(ask: (request: Uint8Array) => Uint8Array) {
    this.#ask = ask
  }

  get(namespace: string, key: string): Uint8Array | undefined {
    return value(this.#call({ op: 'get', namespace, key }))
  }

  exists(namespace: string, key: string): boolean {
    return this.#call({ op: 'exists', namespace, key }).u8() === 1
  }

  /** On the disk when it returns; so are all of these that change something. */
  set(namespace: string, key: string, bytes: Uint8Array): void {
    this.#call({ op: 'set', namespace, key, value: bytes })
  }

  /** Also when there is no such key. */
  delete(namespace: string, key: string): void {
    this.#call({ op: 'delete', namespace, key })
  }

  /**
   * Keys that may be read, in the order of their bytes.
   *
   * @param options.after only those behind this one.
   * @param options.limit 10,000 unless less is said.
   */
  list(namespace: string, options: { readonly after?: string | undefined; readonly limit?: number } = {}): StorePage {
    const answer = this.#call({ op: 'list', namespace, after: options.after, limit: options.limit ?? listedKeysMax })
    const more = answer.u8() === 1
    return { keys: answer.list(listedKeysMax, () => answer.text(answerBytes)), more }
  }

  /** Adds to a number in decimal digits; one that is not there is 0. Atomic across actors. */
  increment(namespace: string, key: string, by: bigint): bigint {
    return this.#call({ op: 'increment', namespace, key, by }).i64()
  }

  /** Sets the value only where it is still `expected`; `undefined`: where there is none. Atomic across actors. */
  swap(namespace: string, key: string, expected: Uint8Array | undefined, bytes: Uint8Array): SwapOutcome {
    const answer = this.#call({ op: 'swap', namespace, key, expected, value: bytes })
    if (answer.u8() === 1) return { kind: 'swapped' }
    const found = value(answer)
    return found === undefined ? { kind: 'differs' } : { kind: 'differs', found }
  }

  /** In the order of the keys. All are of one state of the store. */
  getMany(namespace: string, keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    const answer = this.#call({ op: 'get-many', namespace, keys })
    return answer.list(keys.length, () => value(answer))
  }

  /** All or none. */
  setMany(namespace: string, entries: readonly StoreEntry[]): void {
    this.#call({ op: 'set-many', namespace, entries })
  }

  /** All or none. */
  deleteMany(namespace: string, keys: readonly string[]): void {
    this.#call({ op: 'delete-many', namespace, keys })
  }

  #call(request: StoreRequest): FieldReader {
    checkStoreRequest(request)
    return readAnswer(this.#ask(encodeStoreRequest(request)))
  }
}

/** The service is ours: what it answers is bounded by what it answers with. */
const answerBytes = Number.POSITIVE_INFINITY

function value(answer: FieldReader): Uint8Array | undefined {
  return answer.u8() === 1 ? answer.bytes(answerBytes).slice() : undefined
}
