import type { Bell } from './bell.js'
import type { FromJournal, ToJournal } from './journal-protocol.js'
import { detailsMax, drainRecordsMax, idleMs, napMs, reportsUntakenMax, retryMs, textBytesMax } from './limits.js'
import type { AdministrativeRecord, AuditDetails, LogFields } from './log-record.js'
import type { RingRecord } from './report.js'
import { type DrainPowers, RingDrain, type Visit } from './ring-drain.js'
import { cutText } from './text-bytes.js'

export type LoopPowers = Omit<DrainPowers, 'report'> & {
  readonly receive: () => ToJournal | undefined
  readonly post: (message: FromJournal) => void
  readonly bell: Bell
  /** Called once for each turn in which everything that was due was done. */
  readonly beat: () => void
}

/**
 * The journal's one loop: messages, rings round robin, the log, answers. It blocks its thread and owns no event loop, so
 * that nothing can come between taking a record and giving it its place.
 *
 * ORDER: answers and reports leave after `log.write` succeeded; a note's answer, and what a strict ring waits for, after
 * `log.sync` too: one for all who wait at that moment. When the disk
 * refuses, nothing more is taken out of the rings, the heartbeat stops, and the write is tried again.
 */
export class JournalLoop {
  readonly #powers: LoopPowers
  readonly #drainPowers: DrainPowers
  readonly #rings = new Map<number, RingDrain>()
  readonly #releasing = new Set<number>()
  /** Notes that have no place in the log yet, and those that have one but are not yet answered. */
  #asked: { readonly note: number; readonly record: AdministrativeRecord }[] = []
  #placed: number[] = []
  /** Strict rings with records that were taken and whose writers were not yet told that the disk has them. */
  readonly #unconfirmed = new Set<RingDrain>()
  #reports: RingRecord[] = []
  #answers: FromJournal[] = []
  #closing = false
  #failing = false
  /** A message that came just before the journal lay down. */
  #early: ToJournal | undefined

  constructor(powers: LoopPowers) {
    this.#powers = powers
    this.#drainPowers = { ...powers, report: (record) => this.#reports.push(record) }
  }

  /** Runs until the host has said `close` and everything is on the disk. */
  run(): void {
    for (;;) {
      this.#receiveAll()
      const seen = this.#failing ? 'empty' : this.#take()
      const ended = this.#deliver() && this.#closing && this.#rings.size === 0 && this.#end()
      if (ended) return
      if (this.#failing) {
        this.#powers.bell.nap(retryMs)
        continue
      }
      this.#powers.beat()
      this.#rest(seen)
    }
  }

  #receiveAll(): void {
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      switch (message.type) {
        case 'attach': {
          const { type: _type, ring: id, ...ring } = message
          this.#rings.set(id, new RingDrain({ id, ...ring }, this.#drainPowers))
          break
        }
        case 'release':
          this.#rings.get(message.ring)?.endPace()
          this.#releasing.add(message.ring)
          break
        case 'note':
          this.#asked.push({ note: message.note, record: message.record })
          break
        case 'close':
          this.#closing = true
          for (const ring of this.#rings.values()) ring.shut()
          for (const id of this.#rings.keys()) this.#releasing.add(id)
          break
      }
    }
  }

  #next(): ToJournal | undefined {
    const early = this.#early
    this.#early = undefined
    return early ?? this.#powers.receive()
  }

  /** Rings first: what an actor recorded before the host noted something stands before the note, unless it is over its rate. */
  #take(): Visit {
    const seen = this.#visitRings()
    for (const { note, record } of this.#asked) {
      this.#powers.log.append(fieldsOf(record, this.#powers.clock.wallMs()))
      this.#placed.push(note)
    }
    this.#asked = []
    return seen
  }

  #visitRings(): Visit {
    let seen: Visit = 'empty'
    for (const ring of [...this.#rings.values()]) {
      // At most this much is in memory at a time, so that a seal never covers more than it may.
      if (this.#powers.log.unwritten() >= drainRecordsMax || this.#reports.length >= reportsUntakenMax) return 'more'
      this.#rings.delete(ring.id)
      const visit = ring.visit()
      if (ring.owesConfirmation()) this.#unconfirmed.add(ring)
      if (visit === 'more' || (visit === 'held' && seen === 'empty')) seen = visit
      if (visit === 'empty' && this.#releasing.delete(ring.id)) {
        this.#answers.push({ type: 'released', ring: ring.id, totals: ring.end() })
        continue
      }
      // Visited: to the end of the order, so that the rings which a full turn did not reach come first in the next.
      this.#rings.set(ring.id, ring)
    }
    return seen
  }

  /** Writes, then says what was written. `false` when the disk refused. */
  #deliver(): boolean {
    const { log, post } = this.#powers
    try {
      log.write()
      if (this.#placed.length > 0 || this.#unconfirmed.size > 0) log.sync()
    } catch (error) {
      this.#fail(error)
      return false
    }
    this.#failing = false
    for (const ring of this.#unconfirmed) ring.confirm()
    this.#unconfirmed.clear()
    if (this.#reports.length > 0) post({ type: 'reports', records: this.#reports })
    for (const note of this.#placed) post({ type: 'noted', note })
    for (const answer of this.#answers) post(answer)
    this.#reports = []
    this.#placed = []
    this.#answers = []
    return true
  }

  #end(): boolean {
    try {
      this.#powers.log.close()
    } catch (error) {
      this.#fail(error)
      return false
    }
    this.#powers.post({ type: 'closed' })
    return true
  }

  #fail(error: unknown): void {
    if (this.#failing) return
    this.#failing = true
    this.#powers.post({ type: 'failing', message: error instanceof Error ? error.message : String(error) })
  }

  #rest(seen: Visit): void {
    if (seen === 'more' || (this.#closing && seen === 'empty')) return
    const { bell, log } = this.#powers
    bell.nap(napMs)
    if (seen === 'empty') bell.sleep(Math.min(idleMs, log.sealDueMs() ?? idleMs), () => this.#hasWork())
  }

  #hasWork(): boolean {
    this.#early = this.#powers.receive()
    if (this.#early !== undefined) return true
    for (const ring of this.#rings.values()) if (ring.hasRecords()) return true
    return false
  }
}

function fieldsOf(record: AdministrativeRecord, nowMs: number): LogFields {
  const { event, reason, resource, rule, details, ...rest } = record
  return {
    time: new Date(nowMs).toISOString(),
    event,
    ...rest,
    ...(resource !== undefined && { resource: cutText(resource, textBytesMax) }),
    ...(rule !== undefined && { rule: cutText(rule, textBytesMax) }),
    ...(reason !== undefined && { reason: cutText(reason, textBytesMax) }),
    ...(details !== undefined && { details: boundedDetails(details) }),
    attested: 'host',
  }
}

function boundedDetails(details: AuditDetails): AuditDetails {
  const kept: [string, string | number | boolean][] = []
  for (const [name, value] of Object.entries(details).slice(0, detailsMax)) {
    kept.push([cutText(name, textBytesMax), typeof value === 'string' ? cutText(value, textBytesMax) : value])
  }
  return Object.fromEntries(kept)
}
