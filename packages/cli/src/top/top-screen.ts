import type { HealthEvent } from '@bulkhead/vocabulary'
import { exitCodes } from '../exit-codes.js'
import { topEventMs, topIntervalMs } from '../limits.js'
import { stopper } from '../stopper.js'
import type { FullScreen, Key, Terminal } from '../terminal.js'
import { pageOf, renderFrame } from './frame.js'
import { pause } from './pause.js'
import type { Sampler, TopSample } from './sampler.js'
import { firstView, press, type TopView } from './view.js'

/** How often it looks, and how many times. */
export type Pace = { readonly intervalMs: number; readonly samplesMax: number }

/** The view on a terminal: drawn again after each sample, key and change of its size. */
export class TopScreen {
  readonly #sampler: Sampler
  readonly #pace: Pace
  readonly #terminal: Terminal
  readonly #screen: FullScreen
  readonly #left = new AbortController()
  #view: TopView = firstView
  #sample: TopSample | undefined
  #event: HealthEvent | undefined
  #askedMs: number | undefined
  #isGone = false
  #exitCode: number = exitCodes.done

  constructor(sampler: Sampler, pace: Pace, terminal: Terminal, screen: FullScreen) {
    this.#sampler = sampler
    this.#pace = pace
    this.#terminal = terminal
    this.#screen = screen
  }

  async run(first: TopSample | undefined): Promise<number> {
    const stop = stopper(this.#terminal, () => this.#left.abort())
    try {
      this.#take(first)
      this.#screen.onKey((key) => this.#pressed(key))
      this.#screen.onResize(() => this.#draw())
      this.#draw()
      await this.#watch()
    } finally {
      stop.close()
      this.#screen.close()
    }
    return stop.asked() ? stop.exitCode() : this.#exitCode
  }

  async #watch(): Promise<void> {
    const { intervalMs, samplesMax } = this.#pace
    const { signal } = this.#left
    for (let taken = 1; taken < samplesMax; ) {
      await pause(intervalMs, signal)
      if (signal.aborted) return
      if (this.#view.isPaused) continue
      this.#askedMs = performance.now()
      const asked = this.#sampler.take()
      if ((await this.#answered(asked)) === 'left') return
      this.#askedMs = undefined
      this.#take(await asked)
      this.#draw()
      taken++
    }
  }

  /** A process that hangs keeps nobody before the screen: it is drawn meanwhile, and can be left. */
  async #answered(asked: Promise<unknown>): Promise<'answered' | 'left'> {
    const settled = asked.then(
      () => 'answered' as const,
      () => 'answered' as const,
    )
    for (;;) {
      const over = new AbortController()
      const tick = pause(topIntervalMs, AbortSignal.any([over.signal, this.#left.signal])).then(() => 'tick' as const)
      const first = await Promise.race([settled, tick])
      over.abort()
      if (first === 'answered') return first
      if (this.#left.signal.aborted) return 'left'
      this.#draw()
    }
  }

  #take(sample: TopSample | undefined): void {
    this.#isGone = sample === undefined
    if (sample === undefined) return
    this.#sample = sample
    this.#event = sample.events.at(-1) ?? this.#event
  }

  #pressed(key: Key): void {
    const next = press(this.#view, key, pageOf(this.#screen.size()))
    if (next === 'leave' || next === 'interrupt') {
      if (next === 'interrupt') this.#exitCode = exitCodes.interrupted
      this.#left.abort()
      return
    }
    this.#view = next
    this.#draw()
  }

  #draw(): void {
    const sample = this.#sample
    if (sample === undefined) return
    const event = this.#event
    const isNews = event !== undefined && sample.time - event.time < topEventMs
    const trouble = this.#trouble()
    const frame = {
      ...{ sample, view: this.#view },
      ...(isNews ? { event } : {}),
      ...(trouble === undefined ? {} : { trouble }),
    }
    this.#screen.draw(renderFrame(frame, this.#screen.size(), this.#terminal.stdout.paint))
  }

  #trouble(): string | undefined {
    if (this.#isGone) return 'the running process has ended; waiting for it to start again'
    const waitedMs = this.#askedMs === undefined ? 0 : performance.now() - this.#askedMs
    return waitedMs < 2 * topIntervalMs ? undefined : `no answer for ${Math.round(waitedMs / 1_000)} s`
  }
}
