// The entry of a worker thread whose guest is held between check and act: what the guard may not be trusted to survive by
// being fast. For tests; built, because threads start from built files.
import { parentPort, workerData } from 'node:worker_threads'
import type { LedgerMemory } from './ledger.js'
import { serveGuest } from './serve-guest.js'

/** Longer than anyone polls, shorter than the grace of a revocation. */
const brieflyMs = 40

const lock = new Int32Array(new SharedArrayBuffer(4))

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
serveGuest(parentPort, workerData as LedgerMemory, {
  betweenCheckAndAct: ({ resource }) => {
    if (resource.endsWith('held-briefly')) Atomics.wait(lock, 0, 0, brieflyMs)
    if (resource.endsWith('held-for-ever')) Atomics.wait(lock, 0, 0)
  },
})
