import { Denial } from '@bulkhead/vocabulary'
import type { Passage } from './gate.js'

/** What a channel's connections are counted against, written by the host; and how many there are, written here. */
export class ConnectionLimit {
  readonly #word: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#word = new Int32Array(memory)
  }

  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(8)
  }

  get connectionsMax(): number {
    return Atomics.load(this.#word, 0)
  }

  set connectionsMax(connections: number) {
    Atomics.store(this.#word, 0, connections)
  }

  get connectionsOpen(): number {
    return Atomics.load(this.#word, 1)
  }

  set connectionsOpen(connections: number) {
    Atomics.store(this.#word, 1, connections)
  }
}

/** The connections, sockets and listeners that a channel has open: all together, and by the rule that let them be. */
export class Connections {
  readonly #limit: ConnectionLimit
  readonly #byRule = new Map<string, number>()

  constructor(limit: ConnectionLimit) {
    this.#limit = limit
    // What a service that has died had open is closed.
    limit.connectionsOpen = 0
  }

  /**
   * Counts one more; the answer ends it, once.
   *
   * @throws {Denial} `resource-limit-exceeded` for one too many.
   */
  count({ rule, connectionsMax }: Passage): () => void {
    const limit = this.#limit
    const ofRule = this.#byRule.get(rule) ?? 0
    this.#check('connections', limit.connectionsOpen, limit.connectionsMax)
    if (connectionsMax !== undefined) this.#check(`connections by \`${rule}\``, ofRule, connectionsMax)
    limit.connectionsOpen++
    this.#byRule.set(rule, ofRule + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      limit.connectionsOpen--
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
