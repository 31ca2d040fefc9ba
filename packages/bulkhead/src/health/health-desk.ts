// Perimeter: says which process this is.

import { randomBytes } from 'node:crypto'
import type { Clock } from '@bulkhead/vocabulary'
import type { TreeView } from '../administration/tree-view.js'
import type { Emitter } from '../emitter.js'
import { knownWalls } from '../ladder/wall-watch.js'
import type { HostWalls } from '../ladder-api.js'
import type { RuntimeEvents } from '../types.js'
import { readVersion } from '../version.js'
import { HealthCounts } from './health-counts.js'
import { HealthLog, type HealthQuestion } from './health-log.js'
import type { HealthItem } from './health-reader.js'
import { type HealthReport, healthReport } from './health-report.js'
import { runtimeIdBytes } from './limits.js'

/** What is known of a runtime once its tree runs. */
export type StandingTree = {
  readonly view: () => TreeView
  readonly isStrict: boolean
}

/** The health of one runtime: its events, and how it stands. */
export class HealthDesk {
  readonly log: HealthLog
  readonly #counts = new HealthCounts()
  readonly #since: number
  readonly #version = readVersion()
  #tree: StandingTree | undefined
  #gaveUp: string | undefined
  #isStopping = false

  constructor(emitter: Emitter<RuntimeEvents>, { wallMs }: Pick<Clock, 'wallMs'>) {
    this.#since = wallMs()
    this.log = new HealthLog({
      id: randomBytes(runtimeIdBytes).toString('hex'),
      wallMs,
      emit: (event) => {
        this.#counts.note(event)
        emitter.emit('health', event)
        emitter.emit(event.type, event as never)
      },
    })
  }

  attach(tree: StandingTree): void {
    this.#tree = tree
  }

  gaveUp(reason: string): void {
    this.#gaveUp = reason
  }

  stopping(): void {
    this.#isStopping = true
  }

  get id(): string {
    return this.log.id
  }

  events(question?: HealthQuestion): AsyncIterableIterator<HealthItem> {
    return this.log.read(question)
  }

  report(): HealthReport {
    const { id, last } = this.log
    return healthReport({
      ...{ since: this.#since, id, cursor: `${id}-${last}`, version: this.#version },
      ...{ node: process.version, pid: process.pid },
      counts: this.#counts,
      tree: this.#tree?.view(),
      walls: shownWalls(),
      isStrict: this.#tree?.isStrict === true,
      gaveUp: this.#gaveUp,
      isStopping: this.#isStopping,
    })
  }
}

function shownWalls(): HostWalls | undefined {
  const walls = knownWalls()
  if (walls === undefined) return undefined
  return { up: [...walls.up], missing: [...walls.missing].map(([wall, reason]) => ({ wall, reason })) }
}
