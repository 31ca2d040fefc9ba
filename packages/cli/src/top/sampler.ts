import type { HealthStatusReport } from '@bulkhead/admin'
import type { HealthEvent } from '@bulkhead/vocabulary'
import type { Live } from '../desk/live.js'
import { isUnreachable } from '../health/event-feed.js'
import { type Look, rowsOf, type TopRow } from './rows.js'

/** Everything that `top` shows of one instant. */
export type TopSample = {
  /** Wall clock, in milliseconds. */
  readonly time: number
  readonly health: HealthStatusReport
  readonly children: readonly TopRow[]
  /** Since the sample before. */
  readonly events: readonly HealthEvent[]
}

export type SamplerPowers = {
  readonly open: () => Promise<Live>
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly wallMs: () => number
}

/** Looks at the running process again and again, and at the one that comes after it. */
export class Sampler {
  readonly #powers: SamplerPowers
  #live: Live | undefined
  #before: Look | undefined
  #cursor: string | undefined

  constructor(powers: SamplerPowers) {
    this.#powers = powers
  }

  /** @returns `undefined` while no process answers. @throws {BulkheadError} `runtime-unreachable` where none ever did. */
  async take(): Promise<TopSample | undefined> {
    try {
      this.#live ??= await this.#powers.open()
      return await this.#look(this.#live)
    } catch (thrown) {
      const isFirst = this.#cursor === undefined
      await this.close()
      this.#before = undefined
      if (isFirst || !isUnreachable(thrown)) throw thrown
      return undefined
    }
  }

  async close(): Promise<void> {
    const live = this.#live
    this.#live = undefined
    await live?.close()
  }

  async #look(live: Live): Promise<TopSample> {
    const health = await live.request('health', {})
    const now: Look = { tree: await live.request('tree', {}), atMs: this.#powers.nowMs() }
    const events: HealthEvent[] = []
    for await (const item of live.stream('events', { after: this.#cursor ?? health.cursor })) {
      if (item.kind !== 'began') this.#cursor = item.cursor
      if (item.kind === 'event') events.push(item.event)
    }
    this.#cursor ??= health.cursor
    const children = rowsOf(this.#before, now)
    this.#before = now
    return { time: this.#powers.wallMs(), health, children, events }
  }
}
