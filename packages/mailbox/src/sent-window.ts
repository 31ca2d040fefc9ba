const entriesAtFirst = 16

/**
 * What one sender has committed to one lane and the receiver has not moved past: the writer's own memory, in no one
 * else's reach. From it and the reader's `head` follow how many messages wait and what of the arena is free.
 */
export class SentWindow {
  #ends = new Uint32Array(entriesAtFirst)
  #arenaEnds = new Uint32Array(entriesAtFirst)
  #first = 0
  #length = 0
  #arenaHead = 0

  /** How many messages wait. */
  get length(): number {
    return this.#length
  }

  /** All of the arena before this position is free. */
  get arenaHead(): number {
    return this.#arenaHead
  }

  /** A record was committed that ends at this position of the lane; the arena is used up to `arenaEnd`. */
  push(end: number, arenaEnd: number): void {
    if (this.#length === this.#ends.length) this.#grow()
    const at = (this.#first + this.#length) & (this.#ends.length - 1)
    this.#ends[at] = end
    this.#arenaEnds[at] = arenaEnd
    this.#length++
  }

  /** The reader stands at `head`: forgets all that ends there or before. Positions wrap, a lane is shorter than half of it. */
  dropRead(head: number): void {
    while (this.#length > 0 && ((head - (this.#ends[this.#first] ?? 0)) | 0) >= 0) {
      this.#arenaHead = this.#arenaEnds[this.#first] ?? 0
      this.#first = (this.#first + 1) & (this.#ends.length - 1)
      this.#length--
    }
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length)
    const arenaEnds = new Uint32Array(2 * this.#ends.length)
    for (let index = 0; index < this.#length; index++) {
      const at = (this.#first + index) & (this.#ends.length - 1)
      ends[index] = this.#ends[at] ?? 0
      arenaEnds[index] = this.#arenaEnds[at] ?? 0
    }
    this.#ends = ends
    this.#arenaEnds = arenaEnds
    this.#first = 0
  }
}
