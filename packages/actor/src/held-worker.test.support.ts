// The entry of a worker thread whose guest is held between check and act: what the guard may not be trusted to survive by
// being fast. For tests; built, because threads start from built files.
import { parentPort, workerData } from 'node:worker_threads'
import { Ledger, type LedgerMemory } from './ledger.js'
import { serveGuest } from './serve-guest.js'

/** After the rules changed; shorter than the grace of a revocation. */
const brieflyMs = 20

const memory = workerData as LedgerMemory
const ledger = new Ledger(memory)
const lock = new Int32Array(new SharedArrayBuffer(4))

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
serveGuest(parentPort, memory, {
  betweenCheckAndAct: ({ resource }) => {
    if (resource.endsWith('held-briefly')) {
      // By the version of the call: the newer one may have come between the record, which the test waits for, and here.
      while (ledger.observedVersion === ledger.enteredVersion) Atomics.wait(lock, 0, 0, 1)
      Atomics.wait(lock, 0, 0, brieflyMs)
    }
    if (resource.endsWith('held-for-ever')) Atomics.wait(lock, 0, 0)
  },
})
