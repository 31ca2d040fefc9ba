// The host's ends of stdin, stdout and stderr. A guest that writes faster than the consumer reads fills its lane and then
// waits; the host's memory does not grow.

import { createLane, type LaneMemory, LaneReader, LaneWriter } from '@bulkhead/lane'
import type { Ledger } from './ledger.js'
import { paceLookMs, pumpTurnMs, stdioChunkBytesMax, stdioLaneBytes } from './limits.js'

export type ChunkConsumer = (chunk: Uint8Array) => void | Promise<void>

/** How fast outputs may be taken from a guest, of all of them together. */
export type OutputPace = {
  /** In how many milliseconds more may be taken; 0: now. */
  readonly waitMs: () => number
  /** So many bytes were taken. */
  readonly charge: (bytes: number) => void
}

/** How often a full stdin lane is tried again, in milliseconds: a reader that advances cannot wake the event loop. */
const stdinRetryMs = 2

/** One direction guest → host. */
export class OutputPump {
  readonly memory: LaneMemory = createLane({ capacityBytes: stdioLaneBytes })
  readonly #reader = new LaneReader(this.memory)
  readonly #consume: ChunkConsumer
  readonly #ledger: Ledger
  readonly #pace: OutputPace | undefined
  readonly #done: Promise<string | undefined>
  readonly #hurried: Promise<void>
  #hurry: () => void = () => {}
  #isHurried = false

  constructor(ledger: Ledger, consume: ChunkConsumer, pace?: OutputPace | undefined) {
    this.#ledger = ledger
    this.#consume = consume
    this.#pace = pace
    this.#hurried = new Promise((resolve) => {
      this.#hurry = resolve
    })
    this.#done = this.#pump()
  }

  /**
   * Call it after the writer's end was seen: nothing will be written any more, so the host closes the lane for it.
   * Resolves when the last byte was consumed; with the reason where the writer had broken its lane.
   */
  finish(): Promise<string | undefined> {
    this.hurry()
    new LaneWriter(this.memory).close()
    return this.#done
  }

  /** The guest has ended: what it left is at most what its lane holds, and waits for no pace. */
  hurry(): void {
    this.#isHurried = true
    this.#hurry()
  }

  async #pump(): Promise<string | undefined> {
    // A consumer that failed gets nothing more, but the guest must not wait for it: the rest is read and dropped.
    let broken = false
    try {
      while (!this.#reader.closed) {
        await this.#reader.readable()
        let turnBegan = performance.now()
        for (let chunk = this.#reader.read(); chunk !== undefined; chunk = this.#reader.read()) {
          this.#ledger.wake()
          if (!broken)
            await this.#deliver(chunk).catch(() => {
              broken = true
            })
          // Awaiting what is already there runs no timer: a guest that writes faster than its reader would keep the host
          // from its own deadlines for as long as it likes.
          if (performance.now() - turnBegan < pumpTurnMs) continue
          await new Promise(setImmediate)
          turnBegan = performance.now()
        }
      }
      return undefined
    } catch (thrown) {
      this.#reader.close()
      return thrown instanceof Error ? thrown.message : String(thrown)
    }
  }

  async #deliver(chunk: Uint8Array): Promise<void> {
    if (this.#pace !== undefined) await this.#paced(this.#pace, chunk.length)
    await this.#consume(chunk)
  }

  /** While it waits here nothing more is read, so that the lane fills up and the guest waits, too. */
  async #paced(pace: OutputPace, bytes: number): Promise<void> {
    for (let waitMs = pace.waitMs(); waitMs > 0 && !this.#isHurried; waitMs = pace.waitMs()) {
      let timer: NodeJS.Timeout | undefined
      const waited = new Promise((resolve) => {
        timer = setTimeout(resolve, Math.min(waitMs, paceLookMs))
      })
      await Promise.race([waited, this.#hurried])
      clearTimeout(timer)
    }
    pace.charge(bytes)
  }
}

/** Feeds a lane from an input and closes it at the end. `cancel` ends the feeding when the guest is gone. */
export class InputPump {
  readonly memory: LaneMemory = createLane({ capacityBytes: stdioLaneBytes })
  readonly #writer = new LaneWriter(this.memory)
  readonly #ledger: Ledger
  #cancelled = false

  constructor(ledger: Ledger, input: AsyncIterable<Uint8Array>) {
    this.#ledger = ledger
    void this.#pump(input)
  }

  cancel(): void {
    this.#cancelled = true
  }

  async #pump(input: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of input) {
        for (let at = 0; at < chunk.length; at += stdioChunkBytesMax) {
          await this.#write(chunk.subarray(at, at + stdioChunkBytesMax))
        }
        if (this.#cancelled) return
      }
    } catch {
      // An input that breaks off is an input that ended.
    } finally {
      this.#writer.close()
      this.#ledger.wake()
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    while (!this.#cancelled && !this.#writer.tryWrite(piece)) {
      await new Promise((resolve) => setTimeout(resolve, stdinRetryMs))
    }
    this.#ledger.wake()
  }
}
