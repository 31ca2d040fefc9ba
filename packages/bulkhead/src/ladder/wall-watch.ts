// Which walls of the operating system are up. To find out takes as long as Node takes to start: it is done once in a
// process, and not before somebody needs to know.

import { ambientCgroups, type CgroupPlace, detectWalls, findCgroupPlace, type Walls } from '@bulkhead/actor'
import type { Wall } from '@bulkhead/supervisors'
import { BulkheadError } from '@bulkhead/vocabulary'

let detecting: Promise<Walls> | undefined
let detected: Walls | undefined

/** The walls of this host: nothing that is asked changes while it runs. */
export function hostWalls(): Promise<Walls> {
  detecting ??= detectWalls().then((walls) => {
    detected = walls
    return walls
  })
  return detecting
}

/** The same, where somebody has looked already. */
export function knownWalls(): Walls | undefined {
  return detected
}

/** How the rung `process` of one tree is held. */
export type ProcessRung = {
  readonly rung: 'bubblewrap' | 'weak'
  readonly cgroups: CgroupPlace | undefined
}

/**
 * The walls as the ladder of one tree counts on them.
 *
 * INVARIANT (walls before a climb): nobody runs at `reduced`, where the next rung depends on walls, before they are known.
 */
export class WallWatch {
  /** Grows once, when the walls are known. */
  readonly up: ReadonlySet<Wall>
  readonly #up = new Set<Wall>()
  readonly #isWeakEnough: boolean
  #process: ProcessRung | undefined

  /**
   * Counts on what is known when it is made: {@link hostWalls} comes before, where somebody begins on his rung.
   *
   * @param isWeakEnough whether a process without walls counts as the rung `process` (the tree's `process_rung`).
   */
  constructor(isWeakEnough: boolean) {
    this.up = this.#up
    this.#isWeakEnough = isWeakEnough
    if (detected !== undefined) this.#take(detected)
  }

  /** Resolves with what is up when `up` says so too. */
  async known(): Promise<Walls> {
    const walls = await hostWalls()
    this.#take(walls)
    return walls
  }

  /** @throws {BulkheadError} `walls-missing` where there is no such rung. */
  get process(): ProcessRung {
    if (this.#process !== undefined) return this.#process
    throw new BulkheadError('walls-missing', 'there are no walls around a process here', { hint: installHint })
  }

  #take({ up }: Walls): void {
    const isWalled = up.has('bubblewrap')
    if (this.#process !== undefined || !(isWalled || this.#isWeakEnough)) return
    this.#up.add('bubblewrap')
    this.#process = {
      rung: isWalled ? 'bubblewrap' : 'weak',
      cgroups: up.has('cgroup') ? findCgroupPlace(ambientCgroups()) : undefined,
    }
  }
}

/** @throws {BulkheadError} `walls-missing` unless all of these are up. */
export function requireWalls(walls: readonly Wall[], { up, missing }: Walls, where: string): void {
  for (const wall of walls) {
    if (up.has(wall)) continue
    throw new BulkheadError('walls-missing', `${where}: the wall \`${wall}\` is not up: ${missing.get(wall) ?? ''}`, {
      details: { wall },
      hint: `${installHint}, or remove \`require_walls\``,
    })
  }
}

const installHint = 'install the package bubblewrap (0.8 or newer), and let this user make user name spaces'
