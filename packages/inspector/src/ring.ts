/** The last things of a kind; each has a number, the first is 1. */
export class Ring<Thing> {
  readonly #keptMax: number
  readonly #kept: Thing[] = []
  #last = 0

  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  /** The number of the one that was put in last; 0 before the first. */
  get last(): number {
    return this.#last
  }

  push(thing: Thing): void {
    this.#last += 1
    this.#kept.push(thing)
    if (this.#kept.length > this.#keptMax) this.#kept.shift()
  }

  /** Those that are kept of what came after a number, oldest first. */
  after(number: number): readonly Thing[] {
    const count = Math.min(this.#last - number, this.#kept.length)
    return count <= 0 ? [] : this.#kept.slice(-count)
  }
}
