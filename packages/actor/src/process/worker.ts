// The entry of an actor's worker thread in a process of its own: the ordinary actor, which records into the audit pipe.
import fs from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { LedgerMemory } from '../ledger.js'
import { serveGuest } from '../serve-guest.js'
import { descriptorOf } from './child-layout.js'
import { PipeAudit } from './pipe-audit.js'

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
serveGuest(parentPort, workerData as LedgerMemory, {
  openAudit: ({ confirmed }) => new PipeAudit(fs, descriptorOf.audit, process.hrtime.bigint, confirmed),
})
