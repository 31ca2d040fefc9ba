// A test build with an intended hole: the entry of a worker in a process of its own that runs, instead of the guest, the
// script in the guest's second argument, with all the powers of Node. What it returns goes to the standard output as JSON.
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { LaneWriter } from '@bulkhead/lane'
import { Ledger, type LedgerMemory } from '../ledger.js'
import type { Begin, FromWorker } from '../protocol.js'

type Script = (require: NodeJS.Require, ledger: Ledger) => Promise<unknown>

const pieceBytes = 8 * 1024
const port = parentPort
const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => Script
const post = (message: FromWorker): void => port?.postMessage(message)

port?.once('message', async ({ context, stdout }: Begin) => {
  post({ kind: 'ready' })
  const script = new AsyncFunction('require', 'ledger', context.args[1] ?? '')
  const result = await script(createRequire(import.meta.url), new Ledger(workerData as LedgerMemory))
  const lane = new LaneWriter(stdout)
  const text = Buffer.from(JSON.stringify(result ?? null))
  for (let at = 0; at < text.length; at += pieceBytes) {
    lane.write(text.subarray(at, at + pieceBytes), { waitMs: Number.POSITIVE_INFINITY })
  }
  post({ kind: 'ended', outcome: { kind: 'exited', code: 0 }, cpuMs: 0, leakedDescriptors: 0 })
  port.close()
})
