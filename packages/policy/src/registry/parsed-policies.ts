import { policiesCachedMax } from './limits.js'

/** Parsed policies by what they were parsed from: the ones used longest ago go first. */
export class ParsedPolicies<Policy> {
  readonly #policies = new Map<string, Policy>()
  #hits = 0
  #misses = 0

  get hits(): number {
    return this.#hits
  }

  get misses(): number {
    return this.#misses
  }

  get(key: string): Policy | undefined {
    const policy = this.#policies.get(key)
    if (policy === undefined) {
      this.#misses++
      return undefined
    }
    this.#hits++
    this.put(key, policy)
    return policy
  }

  put(key: string, policy: Policy): void {
    this.#policies.delete(key)
    this.#policies.set(key, policy)
    const [oldest] = this.#policies.keys()
    if (this.#policies.size > policiesCachedMax && oldest !== undefined) this.#policies.delete(oldest)
  }
}
