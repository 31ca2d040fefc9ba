// Looks at running members every second: how long a message takes them, what of the processor and of memory they use.

import { type CpuWindow, cpuVerdict, noteCpu, type SeenFault } from '@bulkhead/supervisors'
import { type Clock, formatDuration } from '@bulkhead/vocabulary'
import { sampleMs } from '../limits.js'
import type { HealthFeed } from './health-feed.js'
import type { MemoryDesk } from './memory-desk.js'

/** What can be seen of a member that runs. */
export type WatchedRun = {
  readonly id: string
  readonly incarnation: number
  /** Percent of a core that it may use. */
  readonly cpuPercent: number
  readonly cpuMs: () => number
  readonly memoryBytes: number
  /** Whether it runs in a process of its own. */
  readonly isApart: boolean
  /** How long its handler has had the message at hand, in milliseconds; `undefined` when it has none. */
  readonly messageMs: number | undefined
  readonly messageDeadlineMs: number
}

export type RunWatchPowers = {
  readonly clock: Clock
  readonly feed: HealthFeed
  readonly memory: MemoryDesk
  readonly runs: () => readonly WatchedRun[]
  readonly fault: (member: string, fault: SeenFault) => void
}

/** A message that takes a larger part of its deadline than this is overdue. */
const overduePart = 0.5

export class RunWatch {
  readonly #powers: RunWatchPowers
  #windows = new Map<string, CpuWindow>()
  #cancel: () => void = () => {}

  constructor(powers: RunWatchPowers) {
    this.#powers = powers
    this.#again()
  }

  close(): void {
    this.#cancel()
  }

  /** What happens every second. */
  sample(): void {
    const { memory, fault } = this.#powers
    const runs = this.#powers.runs()
    const windows = new Map<string, CpuWindow>()
    for (const run of runs) {
      this.#tellMessage(run)
      this.#tellCpu(run, windows)
    }
    // Windows of runs that have ended are gone with this.
    this.#windows = windows
    const over = memory.overShare(runs.map(({ id, memoryBytes }) => ({ id, usedBytes: memoryBytes })))
    if (over !== undefined)
      fault(over, { class: 'resource', reason: 'memory runs out, and it is furthest over its share' })
    memory.look()
  }

  #tellMessage({ id, messageMs = 0, messageDeadlineMs }: WatchedRun): void {
    const isOverdue = messageMs > messageDeadlineMs * overduePart
    const took = `${formatDuration(Math.round(messageMs))} of ${formatDuration(messageDeadlineMs)}`
    this.#powers.feed.tell(id, 'message', isOverdue ? `one message has taken it ${took}` : undefined)
  }

  #tellCpu({ id, incarnation, cpuPercent, cpuMs }: WatchedRun, windows: Map<string, CpuWindow>): void {
    // A thread cannot use more than all of a core.
    if (cpuPercent >= 100) return
    const key = `${id} ${incarnation}`
    const atMs = Number(this.#powers.clock.monotonicNs()) / 1e6
    const window = noteCpu(this.#windows.get(key) ?? [], { atMs, cpuMs: cpuMs() })
    windows.set(key, window)
    const { kind, dutyPercent } = cpuVerdict(window, cpuPercent)
    const text = `it uses ${Math.round(dutyPercent)} % of a core; its share is ${cpuPercent} %`
    this.#powers.feed.tell(id, 'cpu', kind === 'within' ? undefined : text)
  }

  #again(): void {
    this.#cancel = this.#powers.clock.after(sampleMs, () => {
      this.sample()
      this.#again()
    })
  }
}
