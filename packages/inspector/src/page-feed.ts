// What one page is told: the state of the board whole at first, then what of it has changed, and each health event.

import type { HealthItem, Runtime } from 'bulkhead'
import type { Board, Whole } from './board.js'
import type { StreamMessage, StreamSource } from './event-stream.js'
import { eventsReplayedMax, samplesAtOnceMax } from './limits.js'

export class PageFeed implements StreamSource {
  readonly #board: Board
  readonly #events: AsyncIterator<HealthItem, undefined>
  readonly #unwatch: () => void
  readonly #seen = { health: 0, tree: 0, reviews: 0, denials: 0, samples: 0 }
  #event: HealthItem | undefined
  #isOver = false
  #isTurnOfEvents = false
  #wake: () => void = () => {}

  constructor(
    runtime: Pick<Runtime, 'events' | 'health'>,
    board: Board,
    after: string | undefined,
    signal: AbortSignal,
  ) {
    this.#board = board
    const before = Math.max(0, lastNumber(runtime.health().cursor) - eventsReplayedMax)
    this.#events = runtime.events({ after: after ?? before, signal })
    this.#unwatch = board.watch(() => this.#wake())
    this.#askForEvent()
  }

  readonly next = async (): Promise<StreamMessage | undefined> => {
    while (true) {
      const message = this.#take()
      if (message !== undefined) return message
      if (this.#isOver) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  readonly close = (): void => {
    this.#unwatch()
    void this.#events.return?.()
  }

  #askForEvent(): void {
    void this.#events.next().then(({ done, value }) => {
      this.#event = value
      this.#isOver = done === true
      this.#wake()
    })
  }

  /** Denials and events take turns: a component that is denied something without end hides no event from a slow page. */
  #take(): StreamMessage | undefined {
    const event = this.#isTurnOfEvents ? this.#item() : undefined
    this.#isTurnOfEvents = false
    return (
      event ??
      this.#state('health') ??
      this.#state('tree') ??
      this.#state('reviews') ??
      this.#denials() ??
      this.#samples() ??
      this.#item()
    )
  }

  #state(kind: 'health' | 'tree' | 'reviews'): StreamMessage | undefined {
    const whole: Whole<unknown> | undefined = this.#board[kind]
    if (whole === undefined || whole.version === this.#seen[kind]) return undefined
    this.#seen[kind] = whole.version
    return { event: kind, data: `{"kind":"${kind}","${kind}":${whole.json}}` }
  }

  #denials(): StreamMessage | undefined {
    const { denials } = this.#board
    if (denials.last === this.#seen.denials) return undefined
    const news = denials.after(this.#seen.denials)
    // The first are of the state with which a page begins.
    this.#isTurnOfEvents = this.#seen.denials > 0
    this.#seen.denials = denials.last
    return { event: 'denials', data: JSON.stringify({ kind: 'denials', denials: news }) }
  }

  #samples(): StreamMessage | undefined {
    const { samples } = this.#board
    if (samples.last === this.#seen.samples) return undefined
    // Five minutes of 1,000 children are 30 MB: in pieces, so that neither side stands still over one message.
    const missing = samples.after(this.#seen.samples)
    const news = missing.slice(0, samplesAtOnceMax)
    this.#seen.samples = samples.last - (missing.length - news.length)
    return { event: 'samples', data: JSON.stringify({ kind: 'samples', samples: news }) }
  }

  #item(): StreamMessage | undefined {
    const item = this.#event
    if (item === undefined) return undefined
    this.#event = undefined
    this.#askForEvent()
    return { id: item.cursor, event: item.kind, data: JSON.stringify(item) }
  }
}

function lastNumber(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf('-') + 1))
}
