/**
 * Work that several callers wait for at once, by name. Each may give up by its own signal; the work itself is aborted
 * when the last of them has.
 */
export class SharedWork<T> {
  readonly #running = new Map<
    string,
    { readonly result: Promise<T>; readonly abort: AbortController; waiters: number }
  >()

  /** Joins the running work of this name, or starts it. Rejects with the signal's reason when the caller gives up. */
  async join(name: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const work = this.#running.get(name) ?? this.#start(name, start)
    work.waiters += 1
    try {
      return await untilAborted(work.result, signal)
    } finally {
      work.waiters -= 1
      if (work.waiters === 0 && this.#running.get(name) === work) {
        this.#running.delete(name)
        work.abort.abort()
      }
    }
  }

  #start(name: string, start: (signal: AbortSignal) => Promise<T>) {
    const abort = new AbortController()
    const result = start(abort.signal)
    const work = { result, abort, waiters: 0 }
    this.#running.set(name, work)
    // Nobody may be waiting any more when it fails.
    result.catch(() => {})
    return work
  }
}

async function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result
  signal.throwIfAborted()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    const listener = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', listener, { once: true })
    stop = () => signal.removeEventListener('abort', listener)
  })
  try {
    return await Promise.race([result, aborted])
  } finally {
    stop()
  }
}
