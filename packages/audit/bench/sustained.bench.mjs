// What auditing adds to a check, and what it costs to keep records up, beside plain pino to a file: `npm run bench audit`.
// Nothing is lost on our side: a full ring is waited for, and the round ends when the log has every record and is sealed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditRing, Journal, loadOrCreateSealKey } from '@bulkhead/audit'
import { compileTable, Decider } from '@bulkhead/capability'
import pino from 'pino'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'

const origin = { document: 'bench', line: 1 }
const grants = Array.from({ length: 100 }, (_, n) => {
  return { kind: 'filesystem', action: 'read', pattern: `/data/set-${n}/**`, origin }
})
const layers = [{ layer: 'manifest', grants }]
const table = compileTable({ version: 1, componentId: 'bench', forbidden: [], deny: [], layers, operator: [] })
const decider = new Decider(table)
const requests = Array.from({ length: 256 }, (_, n) => {
  return { kind: 'filesystem', action: 'read', resource: `/data/set-${n % 100}/in/${n}.csv` }
})

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
const sealKey = loadOrCreateSealKey(folder)
const clock = process.hrtime.bigint
const identity = { component: 'bench', incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
// The rate of an actor is a policy and not a cost: it is set out of the way.
const rate = { rate: { amount: 1_000_000_000, perMs: 1_000 } }

const fieldsOf = (request, decision) => ({
  policyVersion: 1,
  ...request,
  verdict: decision.verdict,
  layer: decision.layer,
  rule: decision.rule?.pattern,
  count: 1,
})
const record = (ring, request) => ring.append({ at: clock(), ...fieldsOf(request, decider.decide(request)) })

async function added(calls, requestOf) {
  const journal = await Journal.open({ directory: undefined })
  const { id, memory } = journal.attach(identity, { rate })
  const ring = new AuditRing(memory, { clock })
  const loop = (act) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return nsPerCall(calls, (count) => {
      for (let n = 0; n < count; n++) act(requestOf(n))
    })()
  }
  const on = loop((request) => record(ring, request))
  const runs = await medians(25, { on, off: loop((request) => decider.decide(request)) })
  await journal.release(id)
  await journal.close()
  return runs
}

const records = 50_000
let rounds = 0

/** From the first record until all of them are in the log, synced and sealed. */
async function sustained() {
  const journal = await Journal.open({ directory: join(folder, `log-${rounds++}`), sealKey })
  const { id, memory } = journal.attach(identity, { rate })
  const ring = new AuditRing(memory, { clock })
  const start = clock()
  for (let n = 0; n < records; n++) record(ring, requests[n & 255])
  const totals = await journal.release(id)
  await journal.close()
  if (totals.records !== records) throw new Error(`${totals.records} of ${records} records`)
  return Number(clock() - start) / records
}

async function plainPino() {
  const destination = pino.destination({ dest: join(folder, `pino-${rounds++}`), sync: true })
  const logger = pino({ base: null }, destination)
  const start = clock()
  for (let n = 0; n < records; n++) {
    const request = requests[n & 255]
    logger.info({ component: 'bench', ...fieldsOf(request, decider.decide(request)) })
  }
  destination.flushSync()
  destination.end()
  return Number(clock() - start) / records
}

async function printAdded(name, calls, requestOf) {
  const { on, off } = await added(calls, requestOf)
  const pair = { name, ours: on - off, baseline: off, unit: 'ns', of: 'the check itself' }
  printPair({ ...pair, aim: { oursMax: 500 } })
}
await printAdded('what audit adds to a check, repeated', 20_000, () => requests[0])
await printAdded('what audit adds to a check, each another resource', 500, (n) => requests[n & 255])
const rates = await medians(5, { ours: sustained, pino: plainPino })
printPair({
  name: 'sustained audit, a record',
  ours: rates.ours,
  baseline: rates.pino,
  unit: 'ns',
  of: 'a line of plain pino to a file',
})
rmSync(folder, { recursive: true, force: true })
