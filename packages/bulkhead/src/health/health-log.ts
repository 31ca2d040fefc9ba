// Health events between who raises them and who reads them.
//
// The last ones are kept once, in a ring, and a reader is only a place in it: it holds no memory of its own however slowly it
// reads, a hundred of them cost as much as one, and one that comes back goes on where it was. A queue for each reader
// would have to be copied into at each event, and would be too short for one that catches up. Who is overtaken by the ring
// is told what it missed; who raises an event waits for nobody.

import type { HealthEvent, HealthEventDraft, HealthEventType } from '@bulkhead/vocabulary'
import { positionOf } from './cursor.js'
import { type HealthItem, HealthReader } from './health-reader.js'
import { eventReasonCharactersMax, healthEventsKeptMax } from './limits.js'

/** Which health events somebody wants. Everything may be left out. */
export type HealthQuestion<Type extends HealthEventType = HealthEventType> = {
  /**
   * A cursor, or the number of an event of this runtime: only what came after it. Without one it begins with the first that
   * is kept. From a cursor of another runtime, or one that is none, too, and says so with `missed`.
   */
  readonly after?: string | number
  /** Ends it. */
  readonly signal?: AbortSignal
  /** Only these types. */
  readonly types?: readonly Type[]
  /** Only what concerns this child, or this member of a pool. */
  readonly child?: string
  /** Whether it goes on with what comes; else it ends with the last event that there is at the moment. Default: `true`. */
  readonly follow?: boolean
}

export type HealthLogPowers = {
  /** The runtime's. */
  readonly id: string
  /** Wall clock, in milliseconds. */
  readonly wallMs: () => number
  /** Told of each event once it is kept. */
  readonly emit: (event: HealthEvent) => void
  readonly keptMax?: number
}

/** Numbers, stamps and keeps health events: `seq` has no gaps, and begins with 1. */
export class HealthLog {
  readonly id: string
  readonly #powers: HealthLogPowers
  readonly #keptMax: number
  /** The event `seq` stands at `(seq - 1) % keptMax`. */
  readonly #ring: HealthEvent[] = []
  readonly #readers = new Set<HealthReader>()
  #last = 0
  #isClosed = false

  constructor(powers: HealthLogPowers) {
    this.id = powers.id
    this.#powers = powers
    this.#keptMax = powers.keptMax ?? healthEventsKeptMax
  }

  readonly raise = (draft: HealthEventDraft): void => {
    const seq = ++this.#last
    const event = { ...shortened(draft), seq, time: this.#powers.wallMs() }
    this.#ring[(seq - 1) % this.#keptMax] = event
    this.#powers.emit(event)
    for (const reader of this.#readers) reader.wake()
  }

  /** The number of the event that was raised last; 0 before the first. */
  get last(): number {
    return this.#last
  }

  /** The number of the oldest event that is kept, or would be. */
  get first(): number {
    return Math.max(1, this.#last - this.#keptMax + 1)
  }

  /** One that is kept. */
  at(seq: number): HealthEvent | undefined {
    return this.#ring[(seq - 1) % this.#keptMax]
  }

  /** The reader begins with the call, not with its first read. */
  read({ after, signal, types, child, follow = true }: HealthQuestion = {}): AsyncIterableIterator<HealthItem> {
    const reader = new HealthReader(this, {
      position: after === undefined ? this.first - 1 : positionOf(after, this.id, this.#last),
      types: types && new Set(types),
      child,
      ...(follow ? {} : { until: this.#last }),
      onEnd: () => {
        signal?.removeEventListener('abort', reader.end)
        this.#readers.delete(reader)
      },
    })
    if (follow && !this.#isClosed) {
      this.#readers.add(reader)
      signal?.addEventListener('abort', reader.end)
    }
    if (!follow || this.#isClosed || signal?.aborted === true) reader.end()
    return reader
  }

  /** What is kept may still be read; nothing comes any more. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.end()
  }
}

/** Reasons hold what components, documents and operators wrote, of any length. */
function shortened(draft: HealthEventDraft): HealthEventDraft {
  const { reason } = draft
  if (reason === undefined || reason.length <= eventReasonCharactersMax) return draft
  const kept = reason.slice(0, eventReasonCharactersMax - 1)
  // Half of a character is none.
  return { ...draft, reason: `${kept.replace(/[\ud800-\udbff]$/, '')}…` }
}
