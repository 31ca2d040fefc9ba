// The entry of an actor's worker thread.
import { parentPort, workerData } from 'node:worker_threads'
import type { LedgerMemory } from './ledger.js'
import { serveGuest } from './serve-guest.js'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
serveGuest(parentPort, workerData as LedgerMemory)
