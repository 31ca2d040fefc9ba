import type { ChildId, Clock, ExitReport } from '@bulkhead/vocabulary'
import { Fault } from '@bulkhead/vocabulary'
import type { ChildPort, ChildRun, StartTerms } from './child-port.js'
import { hostFault, nothingToRun } from './exit-reports.js'
import { killPatienceMs } from './limits.js'

// The only place that holds runs. Machines come and go, and one that fails forgets everything; what it started does not
// end with it. So runs live here, each under its child and incarnation, from the start until the exit was seen, and
// `reap` ends those that no active machine owns.

/** `ignored`: there was nothing to run. */
export type RunExited = {
  readonly type: 'run.exited'
  readonly incarnation: number
  readonly report: ExitReport
  readonly ignored?: true
}

/** What a run says to its machine. */
export type RunEvent =
  | { readonly type: 'run.ready'; readonly incarnation: number }
  | RunExited
  | { readonly type: 'run.stuck'; readonly incarnation: number }
  | { readonly type: 'kill.exited'; readonly incarnation: number }
  | { readonly type: 'kill.zombie'; readonly incarnation: number }

type Hear = (event: RunEvent) => void

type Entry = {
  readonly incarnation: number
  readonly run: ChildRun
  readonly hear: Hear
  zombie: boolean
  /** The port said that the kill succeeded. */
  ended: boolean
}

export class RunRegistry {
  readonly #clock: Clock
  readonly #entries = new Map<ChildId, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Starts an incarnation. A port that throws has started nothing: that is an exit by our own fault.
   *
   * @throws {Fault} `internal` when an earlier run of the child was not seen to end: the machine's INVARIANT (one run), kept
   *   a second time.
   */
  begin(id: ChildId, incarnation: number, port: ChildPort, terms: StartTerms, hear: Hear): void {
    const earlier = this.#entries.get(id)
    if (earlier !== undefined && !earlier.ended) {
      throw new Fault('internal', `child \`${id}\` would run twice: incarnation ${earlier.incarnation} has not ended`)
    }
    this.#entries.delete(id)
    let run: ChildRun
    try {
      run = port.start(incarnation, terms)
    } catch (thrown) {
      hear({ type: 'run.exited', incarnation, report: hostFault(`the start failed: ${messageOf(thrown)}`) })
      return
    }
    this.#watch(id, { incarnation, run, hear, zombie: false, ended: false })
  }

  /** Asks the run for an orderly stop. A port that throws has not heard; the machine's deadline follows anyhow. */
  stop(id: ChildId, incarnation: number): void {
    const entry = this.#current(id, incarnation)
    try {
      entry?.run.stop()
    } catch {
      return
    }
  }

  /** Forces the end; the answer comes as `kill.exited` or `kill.zombie`, within `killPatienceMs`. */
  kill(id: ChildId, incarnation: number): void {
    const entry = this.#current(id, incarnation)
    if (entry !== undefined) void this.#kill(id, entry)
  }

  /** Whose run was not seen to end after a kill, and whose exit is still unseen. */
  get zombies(): readonly ChildId[] {
    return [...this.#entries].filter(([, entry]) => entry.zombie).map(([id]) => id)
  }

  /** Whether a run of this child may still be alive. */
  has(id: ChildId): boolean {
    return this.#entries.get(id)?.ended === false
  }

  /** Whether some run may still be alive. */
  get isOccupied(): boolean {
    for (const entry of this.#entries.values()) if (!entry.ended) return true
    return false
  }

  /** Runs whose exit is unseen, zombies among them. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Kills every run that `owns` denies. Resolves when each is gone or a zombie, after `killPatienceMs` at the latest.
   */
  async reap(owns: (id: ChildId, incarnation: number) => boolean): Promise<void> {
    const kills: Promise<unknown>[] = []
    for (const [id, entry] of this.#entries) {
      if (!entry.zombie && !entry.ended && !owns(id, entry.incarnation)) kills.push(this.#kill(id, entry))
    }
    await Promise.all(kills)
  }

  #current(id: ChildId, incarnation: number): Entry | undefined {
    const entry = this.#entries.get(id)
    return entry?.incarnation === incarnation ? entry : undefined
  }

  #watch(id: ChildId, entry: Entry): void {
    const { run, incarnation, hear } = entry
    this.#entries.set(id, entry)
    run.ready.then(
      (how) => {
        if (how === 'ignored') this.#ignored(id, entry)
        else hear({ type: 'run.ready', incarnation })
      },
      () => undefined, // A breach of the port's contract; `exited` tells, or the start deadline does.
    )
    run.stuck?.then(
      () => this.#markZombie(id, entry, 'run.stuck'),
      () => this.#markZombie(id, entry, 'run.stuck'),
    )
    run.exited.then(
      (report) => this.#end(id, entry, report),
      (thrown) => this.#lost(id, entry, messageOf(thrown)),
    )
  }

  #end(id: ChildId, entry: Entry, report: ExitReport): void {
    this.#forget(id, entry)
    entry.hear({ type: 'run.exited', incarnation: entry.incarnation, report })
  }

  /** Nothing was started, so there is no exit to wait for. */
  #ignored(id: ChildId, entry: Entry): void {
    this.#forget(id, entry)
    entry.hear({ type: 'run.exited', incarnation: entry.incarnation, report: nothingToRun(), ignored: true })
  }

  #forget(id: ChildId, entry: Entry): void {
    if (this.#entries.get(id) === entry) this.#entries.delete(id)
    entry.ended = true
  }

  /** A run whose exit promise broke may still run: it counts as ended only when a kill says so. */
  async #lost(id: ChildId, entry: Entry, reason: string): Promise<void> {
    if ((await this.#killAnswer(entry)) === 'exited') this.#end(id, entry, hostFault(`its exit was lost: ${reason}`))
    else this.#markZombie(id, entry, 'run.stuck')
  }

  async #kill(id: ChildId, entry: Entry): Promise<void> {
    if ((await this.#killAnswer(entry)) === 'exited') {
      entry.ended = true
      entry.zombie = false
      entry.hear({ type: 'kill.exited', incarnation: entry.incarnation })
      return
    }
    this.#markZombie(id, entry, 'kill.zombie')
  }

  /** Always answers, within `killPatienceMs`: a kill that fails or says nothing has killed nobody. */
  #killAnswer(entry: Entry): Promise<'exited' | 'zombie'> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(killPatienceMs, () => resolve('zombie'))
      const answer = (outcome: 'exited' | 'zombie'): void => {
        cancel()
        resolve(outcome)
      }
      try {
        entry.run.kill().then(answer, () => answer('zombie'))
      } catch {
        answer('zombie')
      }
    })
  }

  #markZombie(id: ChildId, entry: Entry, type: 'run.stuck' | 'kill.zombie'): void {
    if (this.#entries.get(id) !== entry || entry.ended) return
    entry.zombie = true
    entry.hear({ type, incarnation: entry.incarnation })
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
