import type { HealthEvent } from '@bulkhead/vocabulary'

/** What health events tell of a runtime and its tree's view does not. */
export class HealthCounts {
  readonly #readyOnce = new Set<string>()
  #violations = 0
  #stalled: string | undefined

  note({ type, child, reason = 'it makes no progress' }: HealthEvent): void {
    if (type.startsWith('security.')) this.#violations++
    if (type === 'journal.stalled') this.#stalled = reason
    if (type === 'journal.resumed') this.#stalled = undefined
    if (child === undefined) return
    if (type === 'child.ready' || type === 'child.restarted') this.#readyOnce.add(child)
    if (type === 'child.removed') this.#readyOnce.delete(child)
  }

  wasReady(child: string): boolean {
    return this.#readyOnce.has(child)
  }

  /** Events of types `security.…` since the runtime's start. */
  get violations(): number {
    return this.#violations
  }

  /** Why the audit journal makes no progress. */
  get stalled(): string | undefined {
    return this.#stalled
  }
}
