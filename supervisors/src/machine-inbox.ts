// Events reach a machine through an inbox of ours and never directly, because xstate's mailbox is unbounded and a send to
// a stopped actor vanishes without a word. The inbox also makes the order plain: one task runs at a time, to its end; what
// a task causes waits behind it, also when a port answers in the middle of a call.

/** What became of an offered task. */
export type Offered = 'accepted' | 'overloaded' | 'closed'

/** A bounded queue of tasks that are run in order, never one inside another. */
export class MachineInbox {
  readonly #tasksMax: number
  readonly #waiting: (() => void)[] = []
  #running = false
  #closed = false

  constructor(tasksMax: number) {
    this.#tasksMax = tasksMax
  }

  /** Runs the task now, or after the one that is running. Refuses when full or closed; the caller must act on a refusal. */
  offer(task: () => void): Offered {
    if (this.#closed) return 'closed'
    if (this.#waiting.length >= this.#tasksMax) return 'overloaded'
    this.#waiting.push(task)
    if (!this.#running) this.#drain()
    return 'accepted'
  }

  /** Drops what waits and refuses everything from now on. */
  close(): void {
    this.#closed = true
    this.#waiting.length = 0
  }

  #drain(): void {
    this.#running = true
    try {
      for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) task()
    } finally {
      this.#running = false
    }
  }
}
