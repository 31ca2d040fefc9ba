import { orphansPerChildMax } from './limits.js'

/**
 * Calls that go on although nobody waits for them any more, by child: a host application need not heed its signal, and a
 * child that comes again and again must not heap them up.
 */
export class Orphans {
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Map<string, (() => void)[]>()

  /** Whether a further call of the child has to wait. */
  isFull(child: string): boolean {
    return (this.#counts.get(child) ?? 0) >= orphansPerChildMax
  }

  /** Resolves when one of them has ended, or `signal` has been given. */
  oneEnds(child: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      this.#waiting.set(child, [...(this.#waiting.get(child) ?? []), done])
    })
  }

  /** Counts a call of the child from now until `end` is settled. */
  add(child: string, end: Promise<unknown>): void {
    this.#counts.set(child, (this.#counts.get(child) ?? 0) + 1)
    void end.finally(() => this.#remove(child))
  }

  #remove(child: string): void {
    const left = (this.#counts.get(child) ?? 1) - 1
    if (left === 0) this.#counts.delete(child)
    else this.#counts.set(child, left)
    const waiting = this.#waiting.get(child) ?? []
    this.#waiting.delete(child)
    for (const resume of waiting) resume()
  }
}
