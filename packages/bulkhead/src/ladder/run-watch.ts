// Looks at running members every second: how long a message takes them, what of the processor and of memory they use.

import { type CpuWindow, cpuVerdict, noteCpu, type SeenFault } from '@bulkhead/supervisors'
import { type Clock, formatDuration } from '@bulkhead/vocabulary'
import { sampleMs } from '../limits.js'
import type { HealthFeed } from './health-feed.js'
import type { MemoryDesk, UsedMemory } from './memory-desk.js'

/** What can be seen of a member that runs. */
export type WatchedRun = {
  readonly id: string
  /** Percent of a core that it may use now. */
  readonly cpuPercent: () => number
  readonly cpuMs: () => number
  readonly memoryBytes: () => number
  /** Whether it runs in a process of its own. */
  readonly isApart: boolean
  /** How long its handler has had the message at hand, in milliseconds; `undefined` when it has none. */
  readonly messageMs: () => number | undefined
  readonly messageDeadlineMs: number
}

export type RunWatchPowers = {
  readonly clock: Clock
  readonly feed: HealthFeed
  readonly memory: MemoryDesk
  /** Only those that run: of thousands that sleep nothing is asked. */
  readonly runs: () => Iterable<WatchedRun>
  readonly fault: (member: string, fault: SeenFault) => void
}

/** A message that takes a larger part of its deadline than this is overdue. */
const overduePart = 0.5

export class RunWatch {
  readonly #powers: RunWatchPowers
  #windows = new Map<WatchedRun, CpuWindow>()
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
    const windows = new Map<WatchedRun, CpuWindow>()
    const used: UsedMemory[] = []
    for (const run of this.#powers.runs()) {
      this.#tellMessage(run)
      this.#tellCpu(run, windows)
      used.push({ id: run.id, usedBytes: run.memoryBytes() })
    }
    // Windows of runs that have ended are gone with this.
    this.#windows = windows
    const over = memory.overShare(used)
    if (over !== undefined)
      fault(over, { class: 'resource', reason: 'memory runs out, and it is furthest over its share' })
    memory.look()
  }

  #tellMessage({ id, messageMs, messageDeadlineMs }: WatchedRun): void {
    const tookMs = messageMs() ?? 0
    const isOverdue = tookMs > messageDeadlineMs * overduePart
    const took = `${formatDuration(Math.round(tookMs))} of ${formatDuration(messageDeadlineMs)}`
    this.#powers.feed.tell(id, 'message', isOverdue ? `one message has taken it ${took}` : undefined)
  }

  #tellCpu(run: WatchedRun, windows: Map<WatchedRun, CpuWindow>): void {
    const cpuPercent = run.cpuPercent()
    // A thread cannot use more than all of a core.
    if (cpuPercent >= 100) return
    const atMs = Number(this.#powers.clock.monotonicNs()) / 1e6
    const window = noteCpu(this.#windows.get(run) ?? [], { atMs, cpuMs: run.cpuMs() })
    windows.set(run, window)
    const { kind, dutyPercent } = cpuVerdict(window, cpuPercent)
    const text = `it uses ${Math.round(dutyPercent)} % of a core; its share is ${cpuPercent} %`
    this.#powers.feed.tell(run.id, 'cpu', kind === 'within' ? undefined : text)
  }

  #again(): void {
    this.#cancel = this.#powers.clock.after(sampleMs, () => {
      this.sample()
      this.#again()
    })
  }
}
