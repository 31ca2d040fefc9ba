// Each word has a cache line of its own.
const COUNT = 0
const WAITING = 16
const bellBytes = 32 * 4

type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { readonly async: boolean; readonly value: unknown }

/** Makes the memory of a bell: one for each service, mapped by all its callers. */
export function createSlotBell(): SharedArrayBuffer {
  return new SharedArrayBuffer(bellBytes)
}

/**
 * What a service sleeps on. It holds a hint and nothing else: the slots themselves say what is to be done, and the service
 * looks at all of them when it wakes. A caller that scribbles over it, or is killed while ringing, costs the service a look.
 */
export class SlotBell {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /** A step was made that the service may wait for; called after it. */
  ring(): void {
    // The service puts its flag up before its last look at the slots: one of them sees the other.
    if (Atomics.load(this.#words, WAITING) !== 0) this.wake()
  }

  /** Wakes the service whatever it waits for: the host has posted something. */
  wake(): void {
    Atomics.add(this.#words, COUNT, 1)
    Atomics.notify(this.#words, COUNT)
  }

  count(): number {
    return Atomics.load(this.#words, COUNT)
  }

  /** The service is about to look for the last time before it sleeps, or is awake again. */
  announce(waiting: boolean): void {
    Atomics.store(this.#words, WAITING, waiting ? 1 : 0)
  }

  /** Blocks the thread until the bell was rung after `seen` was counted, or `timeoutMs` passed. */
  park(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, COUNT, seen, timeoutMs)
  }

  /** The same for a thread that turns its event loop; `undefined` when there is nothing to wait for or no way to. */
  parkAsync(seen: number): Promise<unknown> | undefined {
    const waitAsync = (Atomics as { readonly waitAsync?: WaitAsync }).waitAsync
    const answer = waitAsync?.(this.#words, COUNT, seen)
    return answer?.async === true ? (answer.value as Promise<unknown>) : undefined
  }
}
