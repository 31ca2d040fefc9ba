import { listingStepKeys } from '../limits.js'
import { goodAnswer } from '../service/answer.js'
import { FieldWriter } from '../service/field-writer.js'
import { canonicalNamespace, storedPrefix } from './store-names.js'
import type { StoreRequest } from './store-request.js'
import type { StoreParty, StoreTables } from './store-work.js'

/**
 * The keys of a name space that the channel may read, a page of them. Keys that it may not read are left out, and neither
 * their names nor their number show; so looking for them may take several steps, between which others have their turn.
 */
export class Listing {
  readonly #party: StoreParty
  readonly #namespace: string
  readonly #prefix: string
  readonly #limit: number
  readonly #found: string[] = []
  #after: string | undefined

  constructor(request: Extract<StoreRequest, { readonly op: 'list' }>, party: StoreParty) {
    const owner = { scope: party.scope, componentId: party.authority.componentId }
    this.#party = party
    this.#namespace = canonicalNamespace(request.namespace, owner)
    this.#prefix = storedPrefix(this.#namespace, owner)
    this.#limit = request.limit
    this.#after = request.after === undefined ? undefined : this.#prefix + request.after
  }

  /**
   * Looks at the next keys.
   *
   * @returns how many it looked at, and the answer when the page is full or the name space ends.
   */
  step({ values }: StoreTables): { readonly keys: number; readonly answer?: Uint8Array } {
    const range = { prefix: this.#prefix, limit: listingStepKeys }
    const keys = values.keys(this.#after === undefined ? range : { ...range, after: this.#after })
    for (const [looked, stored] of keys.entries()) {
      if (this.#found.length === this.#limit) return { keys: looked, answer: this.#answer('more') }
      const key = stored.slice(this.#prefix.length)
      if (this.#mayRead(key)) this.#found.push(key)
      this.#after = stored
    }
    return keys.length < listingStepKeys ? { keys: keys.length, answer: this.#answer('all') } : { keys: keys.length }
  }

  #mayRead(key: string): boolean {
    const resource = `${this.#namespace}:${key}`
    return this.#party.authority.permits({ kind: 'storage', action: 'read', resource })
  }

  #answer(left: 'more' | 'all'): Uint8Array {
    const answer = goodAnswer(new FieldWriter())
    return answer
      .u8(left === 'more' ? 1 : 0)
      .list(this.#found, (key) => answer.text(key))
      .finish()
  }
}
