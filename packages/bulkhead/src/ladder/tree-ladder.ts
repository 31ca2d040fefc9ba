// Everything that the ladder of one tree is made of, put together: rungs and walls, memory, and who watches the children.

import type { LifecycleEvent } from '@bulkhead/actor'
import type { Journal, RingRecord } from '@bulkhead/audit'
import type { ComponentBuilder } from '@bulkhead/component'
import type { Tree } from '@bulkhead/manifest'
import type { AdmissionPort, MemoryClaim, Observation, SeenFault } from '@bulkhead/supervisors'
import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import { healthAnswerMs, healthEveryMs, heapBytesClaimed, processBytesApart, ringBytesClaimed } from '../limits.js'
import type { LiveChild } from '../live-child.js'
import type { Protection } from '../protection.js'
import { ScratchRooms } from '../scratch/scratch-rooms.js'
import { DenialWatch } from './denial-watch.js'
import { HealthFeed } from './health-feed.js'
import { hiddenPaths } from './hidden-paths.js'
import { hostMemory } from './host-memory.js'
import { isolationRecord } from './isolation-record.js'
import { LifecycleWatch } from './lifecycle-watch.js'
import { MemoryDesk } from './memory-desk.js'
import { RunWatch, type WatchedRun } from './run-watch.js'
import { Rungs } from './rungs.js'
import { hostWalls, requireWalls, WallWatch } from './wall-watch.js'

export type LadderPowers = {
  readonly clock: Clock
  readonly journal: Journal
  readonly builder: ComponentBuilder
  readonly protection: Protection
  readonly fault: (member: string, fault: SeenFault) => void
  readonly observe: (member: string, observation: Observation) => void
}

/**
 * What has to be known before supervision is told of the first child.
 *
 * @param isNeeded whether a child may begin above `thread`.
 * @throws {BulkheadError} `walls-missing` when the tree requires a wall that is not up.
 */
export async function openLadder(tree: Tree, isNeeded: boolean): Promise<void> {
  if (isNeeded || tree.requireWalls.length > 0) requireWalls(tree.requireWalls, await hostWalls(), tree.file)
}

export class TreeLadder {
  readonly walls: WallWatch
  readonly rungs: Rungs
  readonly feed: HealthFeed
  readonly #tree: Tree
  readonly #powers: LadderPowers
  readonly #memory: MemoryDesk
  readonly #denials: DenialWatch
  readonly #watch: RunWatch
  /** By member. */
  readonly #runs = new Map<string, WatchedRun>()
  readonly #lifecycles = new Map<string, LifecycleWatch>()

  constructor(tree: Tree, powers: LadderPowers) {
    const { clock, builder, protection, fault } = powers
    this.#tree = tree
    this.#powers = powers
    this.walls = new WallWatch(tree.processRung === 'weak')
    this.rungs = new Rungs({
      builder,
      walls: this.walls,
      scratch: new ScratchRooms(),
      hidden: hiddenPaths(protection),
    })
    this.feed = new HealthFeed(powers.observe)
    this.#memory = new MemoryDesk({
      overcommit: tree.overcommit,
      memory: () => hostMemory(() => this.#apartBytes()),
    })
    this.#denials = new DenialWatch(() => Number(clock.monotonicNs()) / 1e6)
    this.#watch = new RunWatch({
      ...{ clock, fault, feed: this.feed, memory: this.#memory },
      runs: () => this.#runs.values(),
    })
  }

  close(): void {
    this.#watch.close()
  }

  admission(member: string, live: LiveChild, first: AdmissionPort): AdmissionPort {
    return this.#memory.admission(member, first, () => claimOf(live))
  }

  /** Why a member waits for memory, where it does. */
  waitsFor(member: string): string | undefined {
    return this.#memory.waitsFor(member)
  }

  /** A member runs. */
  started(run: WatchedRun, live: LiveChild): void {
    this.#runs.set(run.id, run)
    this.#memory.started(run.id, claimOf(live))
  }

  /** How often those that say how they are are asked, in milliseconds. */
  get healthEveryMs(): number {
    return healthEveryMs / this.#tree.timeScale
  }

  /** Takes what a member that runs says of its own life. */
  livesOn(member: string, event: LifecycleEvent): void {
    const watch = this.#lifecycles.get(member) ?? this.#watchLifecycle(member)
    watch.hear(event)
  }

  #watchLifecycle(member: string): LifecycleWatch {
    const watch = new LifecycleWatch({
      clock: this.#powers.clock,
      ...{ answerMs: healthAnswerMs / this.#tree.timeScale, everyMs: this.healthEveryMs },
      tell: (reason) => this.feed.tell(member, 'lifecycle', reason),
    })
    this.#lifecycles.set(member, watch)
    return watch
  }

  /** The end of a member was seen. */
  ended(member: string): void {
    this.#lifecycles.get(member)?.end()
    this.#lifecycles.delete(member)
    this.#runs.delete(member)
    this.#memory.ended(member)
  }

  /** Takes what the journal reports of a member. */
  noted(member: string, record: RingRecord): void {
    const fault = this.#denials.note(member, record)
    if (fault !== undefined) this.#powers.fault(member, fault)
  }

  /** Takes what supervision says: a change of somebody's rung is put on record. */
  heard(draft: HealthEventDraft): void {
    if (draft.type === 'child.removed' && draft.child !== undefined) this.feed.forget(draft.child)
    const record = isolationRecord(draft)
    if (record === undefined) return
    // Where it is tried again after a quarantine depends on walls.
    void this.walls.known()
    // A journal that has gone has told so itself, and this is no act that would wait for it.
    void this.#powers.journal.note(record).catch(() => {})
  }

  /** What is promised of this host's memory, in words. */
  get promise(): string {
    const mebibytes = Math.floor(this.#memory.budgetBytes / (1024 * 1024))
    return `${mebibytes} MiB of memory may be promised (overcommit ${this.#tree.overcommit})`
  }

  #apartBytes(): number {
    let bytes = 0
    for (const run of this.#runs.values()) if (run.isApart) bytes += run.memoryBytes() + processBytesApart
    return bytes
  }
}

function claimOf({ memoryBytesMax }: LiveChild): MemoryClaim {
  return { linearBytesMax: memoryBytesMax, heapBytesMax: heapBytesClaimed, ringBytes: ringBytesClaimed }
}
