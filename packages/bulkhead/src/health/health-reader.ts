import type { HealthEvent, HealthEventOf, HealthEventType } from '@bulkhead/vocabulary'
import { cursorOf } from './cursor.js'

/** What a reader of health events gets, in the order in which it happened. `cursor`: to go on from after it. */
export type HealthItem<Type extends HealthEventType = HealthEventType> =
  | { readonly kind: 'event'; readonly cursor: string; readonly event: HealthEventOf<Type> }
  | {
      readonly kind: 'missed'
      readonly cursor: string
      /** Numbers of events of this runtime, both ends included; `to` is `from - 1` where `count` is 0. */
      readonly from: number
      readonly to: number
      /** So many events are gone, also those that would not have been asked for. */
      readonly count: number
      /**
       * `too-old`: they had to make place before the reader came. `too-slow`: while it read. `other-runtime`: the cursor was
       * not one of this runtime: what happened in the other one after it, nobody can tell any more.
       */
      readonly why: 'too-old' | 'too-slow' | 'other-runtime'
    }

type Missed = Extract<HealthItem, { readonly kind: 'missed' }>

/** What is read: numbered events, of which the oldest make place for new ones. */
export type KeptEvents = {
  readonly id: string
  readonly first: number
  readonly last: number
  readonly at: (seq: number) => HealthEvent | undefined
}

export type ReaderOptions = {
  /** The last event that it knows; `undefined`: nobody can tell. */
  readonly position: number | undefined
  readonly types: ReadonlySet<HealthEventType> | undefined
  readonly child: string | undefined
  /** It ends after this event. */
  readonly until?: number
  readonly onEnd: () => void
}

/** One reader: a place in the events that are kept. */
export class HealthReader implements AsyncIterableIterator<HealthItem> {
  readonly #kept: KeptEvents
  readonly #options: ReaderOptions
  readonly #waiting: ((result: IteratorResult<HealthItem, undefined>) => void)[] = []
  #first: Missed | undefined
  #position: number
  /** The last event that it reads; unknown as long as more may come. */
  #until: number | undefined

  constructor(kept: KeptEvents, options: ReaderOptions) {
    this.#kept = kept
    this.#options = options
    const { position } = options
    this.#position = Math.max(position ?? 0, kept.first - 1)
    if (position === undefined) this.#first = this.#missed(1, 'other-runtime')
    else if (position < this.#position) this.#first = this.#missed(position + 1, 'too-old')
  }

  next(): Promise<IteratorResult<HealthItem, undefined>> {
    const item = this.#take()
    if (item !== undefined) return Promise.resolve({ done: false, value: item })
    if (this.#until !== undefined) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  return(): Promise<IteratorResult<HealthItem, undefined>> {
    this.end()
    this.#first = undefined
    this.#position = this.#kept.last
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** An event came. Also one that it does not want moves it on: it is not overtaken by what it did not ask for. */
  wake(): void {
    while (this.#waiting.length > 0) {
      const item = this.#take()
      if (item === undefined) return
      this.#waiting.shift()?.({ done: false, value: item })
    }
  }

  /** What was there until now is still read. */
  readonly end = (): void => {
    this.#until ??= this.#options.until ?? this.#kept.last
    this.#options.onEnd()
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  #take(): HealthItem | undefined {
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) return first
    const last = this.#until ?? this.#kept.last
    if (this.#position >= last) return undefined
    const begin = this.#position + 1
    if (begin < this.#kept.first) {
      this.#position = Math.min(this.#kept.first - 1, last)
      return this.#missed(begin, 'too-slow')
    }
    while (this.#position < last) {
      const event = this.#kept.at(++this.#position)
      if (event !== undefined && this.#isWanted(event)) return this.#item(event)
    }
    return undefined
  }

  #isWanted({ type, child }: HealthEvent): boolean {
    const { types, child: wanted } = this.#options
    return (types === undefined || types.has(type)) && (wanted === undefined || child === wanted)
  }

  #item(event: HealthEvent): HealthItem {
    return { kind: 'event', cursor: cursorOf(event, this.#kept.id), event }
  }

  /** Everything from `from` up to its place. */
  #missed(from: number, why: Missed['why']): Missed {
    const to = this.#position
    return { kind: 'missed', cursor: cursorOf({ seq: to }, this.#kept.id), from, to, count: to - from + 1, why }
  }
}
