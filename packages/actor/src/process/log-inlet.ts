import { type LaneMemory, LaneWriter } from '@bulkhead/lane'
import type { LogLine } from '@bulkhead/vocabulary'
import { encodeLogLine } from '../log-lines.js'
import { BadClaim } from './from-child.js'
import { laneRetryMs } from './limits.js'

/** Moves the log messages of a process into a lane, one after the other: whoever sends the next one waits for `taken`. */
export class LogInlet {
  readonly #lane: LaneWriter
  readonly #taken: () => void
  #isBusy = false
  #written: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(lane: LaneMemory, taken: () => void) {
    this.#lane = new LaneWriter(lane)
    this.#taken = taken
  }

  /** @throws {BadClaim} for a message before the last one was taken. */
  take(line: LogLine): void {
    if (this.#isOver) return
    if (this.#isBusy) throw new BadClaim('a log message before the last one was taken')
    this.#isBusy = true
    this.#written = this.#write(encodeLogLine(line))
  }

  /** The process is gone: resolves when its last message lies in the lane. What it still says then is too late. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#written
  }

  async #write(record: Uint8Array): Promise<void> {
    while (!this.#lane.readerClosed && !this.#lane.tryWrite(record)) {
      await new Promise((resolve) => setTimeout(resolve, laneRetryMs))
    }
    this.#isBusy = false
    this.#taken()
  }
}
