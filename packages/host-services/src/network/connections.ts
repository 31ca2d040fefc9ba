import { Denial } from '@bulkhead/vocabulary'
import type { Passage } from './gate.js'

/** What a channel's connections are counted against. One word: written by the host, read here. */
export class ConnectionLimit {
  readonly #word: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#word = new Int32Array(memory)
  }

  get connectionsMax(): number {
    return Atomics.load(this.#word, 0)
  }

  set connectionsMax(connections: number) {
    Atomics.store(this.#word, 0, connections)
  }
}

/** The connections, sockets and listeners that a channel has open: all together, and by the rule that let them be. */
export class Connections {
  readonly #limit: ConnectionLimit
  readonly #byRule = new Map<string, number>()
  #open = 0

  constructor(limit: ConnectionLimit) {
    this.#limit = limit
  }

  /**
   * Counts one more; the answer ends it, once.
   *
   * @throws {Denial} `resource-limit-exceeded` for one too many.
   */
  count({ rule, connectionsMax }: Passage): () => void {
    const ofRule = this.#byRule.get(rule) ?? 0
    this.#check('connections', this.#open, this.#limit.connectionsMax)
    if (connectionsMax !== undefined) this.#check(`connections by \`${rule}\``, ofRule, connectionsMax)
    this.#open++
    this.#byRule.set(rule, ofRule + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#open--
      this.#byRule.set(rule, (this.#byRule.get(rule) ?? 1) - 1)
    }
  }

  #check(resource: string, open: number, limit: number): void {
    if (open < limit) return
    throw new Denial('resource-limit-exceeded', `${open} ${resource} are open already`, {
      details: { resource, limit },
    })
  }
}
