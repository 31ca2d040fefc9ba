/** A small typed emitter: listeners run in the order of their subscription; one that throws stops no other. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // A wrapper of its own for each subscription, so that one listener subscribed twice is two subscriptions.
    const entry = (event: Events[Name]): void => listener(event)
    listeners.add(entry as (event: never) => void)
    return () => listeners.delete(entry as (event: never) => void)
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;(listener as (event: Events[Name]) => void)(event)
      } catch (thrown) {
        queueMicrotask(() => console.error('a listener of the runtime threw:', thrown))
      }
    }
  }
}
