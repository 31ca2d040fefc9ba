import type { LaneMemory } from '@bulkhead/lane'
import type { Ledger } from './ledger.js'
import { stderrTailBytes } from './limits.js'
import { type LineConsumer, LogPump } from './log-lines.js'
import { type ChunkConsumer, type OutputPace, OutputPump } from './stdio-host.js'

export type OutputConsumers = {
  readonly stdout: ChunkConsumer
  readonly stderr: ChunkConsumer
  /** Hears its log messages; nobody when left out. */
  readonly logs?: LineConsumer | undefined
  /** How fast all of it is taken; as fast as it comes when left out. */
  readonly pace?: OutputPace | undefined
}

/** Everything that a guest writes and logs, on its way to whoever takes it. */
export class ActorOutputs {
  readonly memories: { readonly stdout: LaneMemory; readonly stderr: LaneMemory; readonly logs: LaneMemory }
  readonly #pumps: readonly (OutputPump | LogPump)[]
  #stderrTail = Buffer.alloc(0)

  constructor(ledger: Ledger, { stdout, stderr, logs = () => {}, pace }: OutputConsumers) {
    const out = new OutputPump(ledger, stdout, pace)
    const keepTail = (chunk: Uint8Array): void | Promise<void> => {
      this.#stderrTail = Buffer.concat([this.#stderrTail, chunk]).subarray(-stderrTailBytes)
      return stderr(chunk)
    }
    const err = new OutputPump(ledger, keepTail, pace)
    const log = new LogPump(ledger, logs, pace)
    this.#pumps = [out, err, log]
    this.memories = { stdout: out.memory, stderr: err.memory, logs: log.memory }
  }

  /** The last bytes of stderr, for the report of a trap. */
  get stderrTail(): string {
    return this.#stderrTail.toString('utf8')
  }

  /** The guest has ended: what it left waits for no pace. */
  hurry(): void {
    for (const pump of this.#pumps) pump.hurry()
  }

  /** Resolves when everything was taken; with the reason of each lane that was left as it cannot be. */
  async finish(): Promise<readonly string[]> {
    const reasons = await Promise.all(this.#pumps.map((pump) => pump.finish()))
    return reasons.filter((reason) => reason !== undefined)
  }
}
