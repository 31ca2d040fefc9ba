import { LaneCorruption, LaneReader } from '@bulkhead/lane'
import { RateBucket, type RateBucketMemory } from '@bulkhead/quota'
import type { AccessRecord, Clock } from '@bulkhead/vocabulary'
import { Durability } from './durability.js'
import type { JournalLog } from './journal-log.js'
import { drainRecordsMax, probesDistinctMax, probeWindowMs, reportsUntakenMax, runWindowNs } from './limits.js'
import type { Attested, RingIdentity } from './log-record.js'
import { isProbe, ProbeCounter } from './probes.js'
import { type DecodedRecord, decodeRecord } from './record-decoder.js'
import type { ReportScope, RingRecord, RingTotals } from './report.js'
import { type RingMemory, RunCells } from './ring-memory.js'
import type { WallTime } from './wall-time.js'

export type DrainPowers = {
  readonly log: JournalLog
  readonly report: (record: RingRecord) => void
  readonly lstat: (path: string) => unknown
  readonly time: WallTime
  readonly clock: Pick<Clock, 'monotonicNs' | 'wallMs'>
}

export type DrainedRing = {
  readonly id: number
  readonly memory: RingMemory
  readonly taken: SharedArrayBuffer
  readonly rate: RateBucketMemory
  readonly identity: RingIdentity
  readonly report: ReportScope
  readonly attested: Attested
}

/** The newest record of a ring: how many decisions it stands for can still grow. */
type OpenRun = {
  readonly record: AccessRecord
  readonly timeMs: number
  readonly probe: boolean
  /** When it was read, monotonic nanoseconds of this thread. */
  readonly readNs: bigint
  logged: number
}

/** What one visit to a ring found. `held`: the host must first take earlier reports, or its writer is over its rate. */
export type Visit = 'empty' | 'more' | 'held'

/**
 * The journal's end of one ring: takes records out, gives each its place in the log, tells the host of what it wants to
 * know, and keeps the totals. It never throws for what a writer did: a bad record ends the ring and says so.
 */
export class RingDrain {
  readonly id: number
  readonly #reader: LaneReader
  readonly #run: RunCells
  readonly #taken: Int32Array
  /** Of a strict journal: who waits for the disk. */
  readonly #durability: Durability | undefined
  /** INVARIANT (audit rate): one take for each record that is read, so a writer of whatever code is held to its rate. */
  #rate: RateBucket | undefined
  readonly #ring: DrainedRing
  readonly #powers: DrainPowers
  readonly #probes = new ProbeCounter()
  readonly #totals = { granted: 0, denied: 0, probes: 0, records: 0 }
  #reported = 0
  #open: OpenRun | undefined
  #corrupt: string | undefined
  /** Set between the probe that makes a violation and its record, so that the record comes first. */
  #flooded = false

  constructor(ring: DrainedRing, powers: DrainPowers) {
    this.id = ring.id
    this.#ring = ring
    this.#powers = powers
    this.#reader = new LaneReader(ring.memory)
    this.#run = new RunCells(ring.memory.run)
    this.#taken = new Int32Array(ring.taken)
    this.#durability = ring.memory.durable && new Durability(ring.memory.durable)
    this.#rate = new RateBucket(ring.rate, powers.clock.monotonicNs)
  }

  /** Whether there are records to take. */
  hasRecords(): boolean {
    return this.#corrupt === undefined && this.#reader.unreadBytes() !== 0
  }

  /** Whether a writer may wait to hear that what was taken is on the disk. */
  owesConfirmation(): boolean {
    return this.#durability?.covers(this.#reader.position()) === false
  }

  /** Everything that was taken is on the disk. */
  confirm(): void {
    this.#durability?.reach(this.#reader.position())
  }

  /** Takes at most 256 records. */
  visit(): Visit {
    for (let taken = 0; taken < drainRecordsMax; taken++) {
      if (this.#corrupt !== undefined) return 'empty'
      if (this.#heldByReports()) return 'held'
      if (this.#heldByRate()) {
        this.#settlePending('when due')
        return 'held'
      }
      const decoded = this.#take()
      if (decoded === undefined) {
        this.#settlePending('when due')
        return 'empty'
      }
      this.#settle(decoded.repeatsBefore)
      this.#begin(decoded.record)
      // Nothing of a strict ring is only counted: each record has its place at once, so that the disk can vouch for it.
      if (this.#durability !== undefined) this.#settle(0)
    }
    return 'more'
  }

  /** Ends the ring, after its last record was taken: what its run counted is logged, and its writer can write no more. */
  end(): RingTotals {
    this.#reader.close()
    this.#settlePending('at once')
    return this.#corrupt === undefined ? { ...this.#totals } : { ...this.#totals, corrupt: this.#corrupt }
  }

  /** Lets no more records in: a writer that tries is told so. */
  shut(): void {
    this.#reader.close()
    this.endPace()
  }

  /** The writer is gone: what is left, a ring at most, is taken as fast as can be. */
  endPace(): void {
    this.#rate = undefined
  }

  #take(): DecodedRecord | undefined {
    try {
      const bytes = this.#reader.read()
      if (bytes === undefined) return undefined
      const decoded = decodeRecord(bytes)
      if (typeof decoded !== 'string') return decoded
      this.#giveUp(decoded)
    } catch (error) {
      if (!(error instanceof LaneCorruption)) throw error
      this.#giveUp(error.message)
    }
    return undefined
  }

  /** What was committed before the bad record was perhaps acted on: it is logged, by its own count alone. */
  #giveUp(message: string): void {
    this.#settle(0)
    this.#corrupt = message
    this.#open = undefined
    this.#reader.close()
    this.#report({ ...this.#who(), type: 'corrupt', message })
  }

  #begin(record: AccessRecord): void {
    const probe = record.verdict === 'denied' && isProbe(record.probeHostPath, this.#powers.lstat)
    const timeMs = this.#powers.time.ofNs(record.at)
    this.#open = { record, timeMs, probe, readNs: this.#powers.clock.monotonicNs(), logged: 0 }
    if (probe && this.#probes.count(`${record.action} ${record.resource}`, this.#powers.clock.wallMs())) {
      this.#flooded = true
    }
  }

  /** Logs the newest record with all that its run has counted, when nothing follows it yet. */
  #settlePending(when: 'when due' | 'at once'): void {
    const open = this.#open
    if (open === undefined) return
    const due = when === 'at once' || open.logged === 0 || this.#powers.clock.monotonicNs() - open.readNs > runWindowNs
    if (due) this.#settle(this.#run.peekRepeats(this.#reader.position()))
  }

  /** Logs what the newest record stands for and what was not logged of it before. */
  #settle(repeats: number): void {
    const open = this.#open
    if (open === undefined) return
    const count = open.record.count + repeats - open.logged
    if (count <= 0) return
    open.logged += count
    this.#log(open, count)
  }

  #log(open: OpenRun, count: number): void {
    const { record, probe, timeMs } = open
    const { at: _at, probeHostPath: _path, ...decision } = record
    const seq = this.#powers.log.append({
      time: new Date(timeMs).toISOString(),
      event: record.verdict === 'granted' ? 'access-granted' : 'access-denied',
      ...this.#ring.identity,
      ...decision,
      probe,
      count,
      attested: this.#ring.attested,
    })
    this.#totals.records++
    this.#totals[probe ? 'probes' : record.verdict] += count
    if (record.verdict === 'denied' || this.#ring.report === 'all') {
      this.#report({ ...this.#who(), type: 'access', seq, time: timeMs, ...decision, probe, count })
    }
    if (this.#flooded) {
      this.#flooded = false
      this.#report({ ...this.#who(), type: 'probe-flood', distinct: probesDistinctMax, withinMs: probeWindowMs })
    }
  }

  #who() {
    const { component, tenant, incarnation } = this.#ring.identity
    return { ring: this.id, component, incarnation, ...(tenant !== undefined && { tenant }) }
  }

  #report(record: RingRecord): void {
    this.#reported = (this.#reported + 1) | 0
    this.#powers.report(record)
  }

  #heldByRate(): boolean {
    return this.#rate !== undefined && this.#reader.unreadBytes() !== 0 && this.#rate.take(1) !== 'taken'
  }

  #heldByReports(): boolean {
    return ((this.#reported - Atomics.load(this.#taken, 0)) | 0) >= reportsUntakenMax
  }
}
