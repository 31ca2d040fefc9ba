import { LaneWriter } from '@bulkhead/lane'
import { RateBucket } from '@bulkhead/quota'
import { type AccessRecord, Fault } from '@bulkhead/vocabulary'
import { Bell } from './bell.js'
import { Durability } from './durability.js'
import { roomLookMs, runCountMax, runWindowNs } from './limits.js'
import { RecordEncoder } from './record-encoder.js'
import { type RingMemory, RunCells } from './ring-memory.js'

/** `full`: the journal is late. `over-rate`: the actor is. `ended`: the ring takes nothing more. */
export type Appended = 'recorded' | 'full' | 'over-rate' | 'ended'

/** Whether what was recorded is on the disk. `durable` at once where the journal is not strict: nothing waits for it. */
export type Standing = 'durable' | 'pending' | 'stalled'

export type AuditRingOptions = {
  /** Monotonic nanoseconds, at least 0: paces the actor, nothing else. */
  readonly clock: () => bigint
  /**
   * Told `true` before the thread blocks because the ring is full, and `false` after: the journal is late, which is the
   * host's time and not the actor's (SPEC 9). A wait for the actor's own rate is not told.
   */
  readonly onWait?: (waiting: boolean) => void
}

/**
 * The worker's end of its audit ring. When `append` returns, the decision is in shared memory and will be in the log even
 * if the thread is killed at the next instruction: only then may it be acted on (check, record, act).
 *
 * The first decision of a run of identical ones is a record at once; those of the next 100 ms are counted beside it. An
 * exception out of `append` (stack exhaustion can put one anywhere) means that the decision may be unrecorded and must
 * not be acted on; the ring itself is always whole.
 *
 * Of a strict journal `append` returns for a granted decision when its record is on the disk: each is a record of its own
 * then, and none is only counted. Where the journal stalls it answers `false`, and the decision must not be acted on.
 *
 * @example
 * ```ts
 * const ring = new AuditRing(workerData.audit, { clock: process.hrtime.bigint })
 * ring.append({ at: clock(), policyVersion: 1, kind: 'filesystem', action: 'read', resource: '/data/a.csv',
 *   verdict: 'granted', layer: 'manifest', rule: '/data/**', count: 1 })
 * openTheFile()
 * ```
 */
export class AuditRing {
  readonly #lane: LaneWriter
  readonly #run: RunCells
  readonly #bell: Bell
  readonly #durability: Durability | undefined
  /** The polite line: what it lets through the journal lets through too, so that the ring stays short and notes in order. */
  readonly #pace: RateBucket
  readonly #encoder = new RecordEncoder()
  readonly #onWait: ((waiting: boolean) => void) | undefined
  /** The decision of the newest record; undefined from before a record is written until its run has begun. */
  #newest: AccessRecord | undefined
  #newestUntil = 0n

  constructor(memory: RingMemory, options: AuditRingOptions) {
    this.#bell = new Bell(memory.bell)
    this.#lane = new LaneWriter(memory, { onCommit: () => this.#bell.ringIfAsleep() })
    this.#run = new RunCells(memory.run)
    this.#durability = memory.durable && new Durability(memory.durable)
    this.#pace = new RateBucket(memory.pace, options.clock)
    this.#onWait = options.onWait
  }

  /** Whether granted decisions wait for the disk. */
  get isStrict(): boolean {
    return this.#durability !== undefined
  }

  /** Whether the journal is strict and stalled: nothing that needs a record may be done. */
  get isStalled(): boolean {
    return this.#durability?.stalled === true
  }

  /**
   * Records one decision. Blocks while the ring is full or the actor is over its rate; where the journal is strict and the
   * decision granted, until its record is on the disk.
   *
   * @returns whether it is on record. `false` only from a strict journal that stalls.
   * @throws {Fault} `journal-stalled` when the journal has ended this ring: nothing may be done any more.
   */
  append(record: AccessRecord): boolean {
    const durability = this.#durability
    if (durability !== undefined) return this.#appendStrictly(record, durability)
    if (!this.#countAsRepeat(record)) this.#write(record)
    return true
  }

  /** Where the newest record ends, and how that stands: for who feeds the ring from a thread that must not block. */
  position(): number {
    return this.#lane.position()
  }

  standingOf(position: number): Standing {
    const durability = this.#durability
    if (durability === undefined || durability.covers(position)) return 'durable'
    return durability.stalled ? 'stalled' : 'pending'
  }

  /** Wakes the journal also from its naps: somebody waits. */
  hurry(): void {
    this.#bell.ring()
  }

  /**
   * The same on a thread that must not block: it answers why not, and nothing has happened then. The host feeds a ring with
   * what a process has recorded in this way.
   *
   * @param pace `over`: the process has ended, and what it left is taken as fast as can be.
   */
  tryAppend(record: AccessRecord, pace: 'kept' | 'over' = 'kept'): Appended {
    if (this.#countAsRepeat(record)) return 'recorded'
    if (this.#lane.readerClosed) return 'ended'
    const length = this.#encoder.encode(record, this.#run.repeatsAt(this.#lane.position()))
    if (this.#lane.capacity() < length) return 'full'
    if (pace === 'kept' && this.#pace.take(1) !== 'taken') return 'over-rate'
    this.#newest = undefined
    this.#lane.tryWrite(this.#encoder.bytes, length)
    this.#begin(record)
    return 'recorded'
  }

  /** Ends the run that is going on, so that the next decision is a record of its own, and wakes the journal. */
  flush(): void {
    this.#newest = undefined
    this.#bell.ring()
  }

  #countAsRepeat(record: AccessRecord): boolean {
    const newest = this.#newest
    if (this.isStrict || newest === undefined || record.at > this.#newestUntil || !sameDecision(newest, record))
      return false
    const tail = this.#lane.position()
    if (!this.#run.runsAt(tail)) return false
    const repeats = this.#run.repeatsAt(tail) + record.count
    if (repeats > runCountMax) return false
    this.#run.setRepeats(repeats)
    return true
  }

  #write(record: AccessRecord): void {
    // An exception between here and the last line must not leave a `newest` that the run in shared memory is not of.
    this.#newest = undefined
    this.#pace.takeWaiting(1)
    const length = this.#encoder.encode(record, this.#run.repeatsAt(this.#lane.position()))
    if (!this.#lane.tryWrite(this.#encoder.bytes, length)) this.#writeWaiting(length)
    this.#begin(record)
  }

  #appendStrictly(record: AccessRecord, durability: Durability): boolean {
    const granted = record.verdict === 'granted'
    if (durability.stalled) return !granted && this.tryAppend(record) === 'recorded'
    this.#pace.takeWaiting(1)
    const length = this.#encoder.encode(record, 0)
    while (!this.#writeWithin(length, roomLookMs)) {
      if (this.#lane.readerClosed) throw ended()
      if (durability.stalled) return false
    }
    // What was refused has no effect that could come before its record.
    return !granted || this.#waitForDisk(this.#lane.position(), durability)
  }

  #waitForDisk(position: number, durability: Durability): boolean {
    this.#bell.ring()
    this.#onWait?.(true)
    try {
      return durability.wait(position)
    } finally {
      this.#onWait?.(false)
    }
  }

  #begin(record: AccessRecord): void {
    this.#run.begin(this.#lane.position())
    this.#newestUntil = record.at + runWindowNs
    this.#newest = record
  }

  #writeWaiting(length: number): void {
    if (!this.#writeWithin(length, Number.POSITIVE_INFINITY)) throw ended()
  }

  #writeWithin(length: number, waitMs: number): boolean {
    return this.#lane.write(
      this.#encoder.bytes,
      {
        waitMs,
        onWaitStart: () => {
          this.#bell.ring()
          this.#onWait?.(true)
        },
        onWaitEnd: () => this.#onWait?.(false),
      },
      length,
    )
  }
}

function ended(): Fault {
  return new Fault('journal-stalled', 'the journal has ended this audit ring')
}

/** Whether a later record only repeats an earlier one. */
export function sameDecision(a: AccessRecord, b: AccessRecord): boolean {
  return (
    a.resource === b.resource &&
    a.action === b.action &&
    a.kind === b.kind &&
    a.verdict === b.verdict &&
    a.layer === b.layer &&
    a.policyVersion === b.policyVersion &&
    a.rule === b.rule &&
    a.reason === b.reason &&
    a.probeHostPath === b.probeHostPath
  )
}
