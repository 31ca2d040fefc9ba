type Settle<T> = {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/** The answers that are owed, by number. `onOwed` is told when the first one is asked for and when the last has come. */
export class Pending {
  readonly #owed = new Map<string, Settle<unknown>>()
  readonly #onOwed: (owed: boolean) => void

  constructor(onOwed: (owed: boolean) => void) {
    this.#onOwed = onOwed
  }

  /** The promise that was made for this key and is still open. */
  get(key: string): Promise<unknown> | undefined {
    return this.#owed.get(key)?.promise
  }

  make<T>(key: string): Promise<T> {
    let resolve: (value: T) => void = () => {}
    let reject: (error: Error) => void = () => {}
    const promise = new Promise<T>((yes, no) => {
      resolve = yes
      reject = no
    })
    this.#owed.set(key, { promise, resolve: resolve as (value: unknown) => void, reject })
    if (this.#owed.size === 1) this.#onOwed(true)
    return promise
  }

  resolve(key: string, value: unknown): void {
    this.#take(key)?.resolve(value)
  }

  rejectAll(error: Error): void {
    for (const key of [...this.#owed.keys()]) this.#take(key)?.reject(error)
  }

  #take(key: string): Settle<unknown> | undefined {
    const settle = this.#owed.get(key)
    if (settle === undefined) return undefined
    this.#owed.delete(key)
    if (this.#owed.size === 0) this.#onOwed(false)
    return settle
  }
}
