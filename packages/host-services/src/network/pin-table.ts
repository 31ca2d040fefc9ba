import { pinLifeNs, pinsMax } from '../limits.js'

type Pin = { readonly address: string; readonly name: string; usedNs: bigint }

/**
 * Which names an actor has looked up led to which addresses: what lets a socket, which speaks addresses, be judged by rules,
 * which speak names. A name is pinned to an address by a look-up that the actor was allowed, and by nothing else.
 */
export class PinTable {
  readonly #nowNs: () => bigint
  /** By address and name, in the order of their last use. */
  readonly #pins = new Map<string, Pin>()
  /** How many open sockets an address has. */
  readonly #held = new Map<string, number>()

  constructor(nowNs: () => bigint) {
    this.#nowNs = nowNs
  }

  /** Enters a look-up's answer; `false` when all pins are held by open sockets. */
  pin(address: string, name: string): boolean {
    const key = `${address} ${name}`
    if (!this.#pins.has(key) && this.#pins.size >= pinsMax && !this.#makeRoom()) return false
    this.#touch(key, { address, name, usedNs: this.#nowNs() })
    return true
  }

  /** The names that are pinned to an address now. */
  namesOf(address: string): readonly string[] {
    return [...this.#pins.values()].filter((pin) => pin.address === address && this.#lives(pin)).map(({ name }) => name)
  }

  /** A pin let something through: its time begins again. */
  use(address: string, name: string): void {
    const key = `${address} ${name}`
    const pin = this.#pins.get(key)
    if (pin !== undefined) this.#touch(key, { ...pin, usedNs: this.#nowNs() })
  }

  /** A socket to the address is open: its pins live as long; the answer ends that, once. */
  hold(address: string): () => void {
    this.#held.set(address, (this.#held.get(address) ?? 0) + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const left = (this.#held.get(address) ?? 0) - 1
      if (left > 0) this.#held.set(address, left)
      else this.#held.delete(address)
      const nowNs = this.#nowNs()
      for (const pin of this.#pins.values()) if (pin.address === address) pin.usedNs = nowNs
    }
  }

  get size(): number {
    return this.#pins.size
  }

  #touch(key: string, pin: Pin): void {
    this.#pins.delete(key)
    this.#pins.set(key, pin)
  }

  #lives(pin: Pin): boolean {
    return this.#held.has(pin.address) || this.#nowNs() - pin.usedNs < pinLifeNs
  }

  /** The one that was used longest ago, of those that no socket holds. */
  #makeRoom(): boolean {
    for (const [key, pin] of this.#pins) {
      if (!this.#held.has(pin.address)) return this.#pins.delete(key)
    }
    return false
  }
}
