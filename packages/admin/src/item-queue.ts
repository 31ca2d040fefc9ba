type Waiter<Item> = {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** Items that came, for one consumer that takes them when it can. */
export class ItemQueue<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #items: Item[] = []
  readonly #onTaken: () => void
  readonly #onReturn: () => void
  #waiters: Waiter<Item>[] = []
  #end: { readonly error?: unknown } | undefined

  /** @param onTaken called whenever an item was taken; `onReturn` when the consumer wants no more before the end. */
  constructor(onTaken: () => void, onReturn: () => void) {
    this.#onTaken = onTaken
    this.#onReturn = onReturn
  }

  get length(): number {
    return this.#items.length
  }

  push(item: Item): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#items.push(item)
    else waiter.resolve({ done: false, value: item })
  }

  /** Nothing more comes; with an error, the consumer is told after the items that came before. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error }
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) this.#settle(waiter)
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift()
    if (item !== undefined) {
      this.#onTaken()
      return Promise.resolve({ done: false, value: item })
    }
    return new Promise((resolve, reject) => {
      if (this.#end === undefined) this.#waiters.push({ resolve, reject })
      else this.#settle({ resolve, reject })
    })
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    if (this.#end === undefined) this.#onReturn()
    this.#items.length = 0
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** An error is told once; whoever asks again is at the end. */
  #settle({ resolve, reject }: Waiter<Item>): void {
    const error = this.#end?.error
    this.#end = {}
    if (error === undefined) resolve({ done: true, value: undefined })
    else reject(error)
  }
}
