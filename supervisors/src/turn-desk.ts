import type { ChildId, Clock } from '@bulkhead/vocabulary'
import type { StormGuard } from './planning/storm-guard.js'

/** A child whose turn to restart has to come. */
type Turn = {
  /** Whether it still wants to; asked when its turn has come, and no turn is used when it does not. */
  readonly wants: () => boolean
  readonly start: () => void
}

/** What a supervisor hears of its queue. */
export type TurnListener = {
  /** Some of its children have to wait, the first for `delayMs` milliseconds. */
  readonly throttled: (delayMs: number) => void
  /** None waits any more. */
  readonly open: () => void
}

type Queue = { readonly listener: TurnListener; readonly waiting: Map<ChildId, Turn>; isThrottled: boolean }

/**
 * Where children that are due for a restart wait for the storm guard: one desk for a tree, one queue for each supervisor,
 * served round robin. A storm under one supervisor takes its own children's time, not that of a child elsewhere that
 * crashed once. Each child stands here at most once: the rosters bound it.
 */
export class TurnDesk {
  readonly #guard: StormGuard
  readonly #clock: Clock
  /** In the order in which they are served next. */
  readonly #queues = new Map<string, Queue>()
  #cancelTimer: (() => void) | undefined
  #isGiving = false

  constructor(guard: StormGuard, clock: Clock) {
    this.#guard = guard
    this.#clock = clock
  }

  /** Queues a child; it is started at once where the guard lets it. */
  ask(supervisor: string, listener: TurnListener, child: ChildId, turn: Turn): void {
    const queue = this.#queues.get(supervisor) ?? { listener, waiting: new Map<ChildId, Turn>(), isThrottled: false }
    this.#queues.set(supervisor, queue)
    queue.waiting.set(child, turn)
    if (this.#cancelTimer === undefined) this.#give()
    else this.#tellThrottled(queue, this.#guard.delayMs(this.#nowMs()))
  }

  /** Forgets a supervisor's queue: nobody restarts under it any more. */
  leave(supervisor: string): void {
    this.#queues.delete(supervisor)
    if (this.#queues.size === 0) this.#disarm()
  }

  #give(): void {
    // What a start causes may ask for the next turn before this one is done with: the loop comes to it.
    if (this.#isGiving) return
    this.#isGiving = true
    this.#disarm()
    try {
      this.#giveAll()
    } finally {
      this.#isGiving = false
    }
    for (const [supervisor, queue] of this.#queues) if (queue.waiting.size === 0) this.#drop(supervisor, queue)
  }

  #giveAll(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const delayMs = this.#guard.take(this.#nowMs())
      if (delayMs > 0) {
        this.#wait(delayMs)
        return
      }
      next()
    }
  }

  /** The first turn that is still wanted, to be taken by calling it. Those that are not are dropped on the way. */
  #next(): (() => void) | undefined {
    for (const [supervisor, queue] of this.#queues) {
      for (const [child, turn] of queue.waiting) {
        if (turn.wants()) return () => this.#take(supervisor, queue, child, turn)
        queue.waiting.delete(child)
      }
    }
    return undefined
  }

  #take(supervisor: string, queue: Queue, child: ChildId, turn: Turn): void {
    queue.waiting.delete(child)
    // To the end of the line of supervisors.
    this.#queues.delete(supervisor)
    this.#queues.set(supervisor, queue)
    turn.start()
  }

  #wait(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#give())
    for (const queue of this.#queues.values()) this.#tellThrottled(queue, delayMs)
  }

  #tellThrottled(queue: Queue, delayMs: number): void {
    if (queue.isThrottled || queue.waiting.size === 0) return
    queue.isThrottled = true
    queue.listener.throttled(delayMs)
  }

  #drop(supervisor: string, queue: Queue): void {
    this.#queues.delete(supervisor)
    if (queue.isThrottled) queue.listener.open()
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Monotonic milliseconds on the origin that all trees of a host share. */
  #nowMs(): number {
    return Number(this.#clock.monotonicNs()) / 1e6
  }
}
