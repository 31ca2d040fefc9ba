/**
 * Everything that this workspace does to shared words outside of lanes and arenas, so that a test can stop a thread after
 * any numbered step.
 */
export type Words = {
  readonly load: (index: number) => number
  readonly store: (index: number, value: number) => void
  readonly or: (index: number, bits: number) => void
  readonly add: (index: number, amount: number) => void
  readonly exchange: (index: number, value: number) => number
  readonly notify: (index: number) => void
  readonly wait: (index: number, seen: number, timeoutMs: number) => void
  /** Resolves when the word is notified; `undefined` when it does not hold `seen` any more or the engine cannot do it. */
  readonly waitAsync: (index: number, seen: number) => Promise<unknown> | undefined
}

type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { readonly async: boolean; readonly value: unknown }

/** The real words. */
export class SharedWords implements Words {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  load(index: number): number {
    return Atomics.load(this.#words, index)
  }

  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value | 0)
  }

  or(index: number, bits: number): void {
    Atomics.or(this.#words, index, bits)
  }

  add(index: number, amount: number): void {
    Atomics.add(this.#words, index, amount)
  }

  exchange(index: number, value: number): number {
    return Atomics.exchange(this.#words, index, value)
  }

  notify(index: number): void {
    Atomics.notify(this.#words, index)
  }

  wait(index: number, seen: number, timeoutMs: number): void {
    Atomics.wait(this.#words, index, seen, timeoutMs)
  }

  waitAsync(index: number, seen: number): Promise<unknown> | undefined {
    const waitAsync = (Atomics as { readonly waitAsync?: WaitAsync }).waitAsync
    const answer = waitAsync?.(this.#words, index, seen)
    return answer?.async === true ? (answer.value as Promise<unknown>) : undefined
  }
}
