// What a check costs with its audit record, beside one `Map.get`, and what a record costs beside the JSON line that pino
// would print in its place: `npm run bench audit`. A journal drains the ring meanwhile, as it does beside an actor.
import { openSync } from 'node:fs'
import { AuditRing, Journal } from '@bulkhead/audit'
import { compileTable, Decider } from '@bulkhead/capability'
import pino from 'pino'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'

const origin = { document: 'bench', line: 1 }
const grants = Array.from({ length: 100 }, (_, n) => ({
  kind: 'filesystem',
  action: n % 3 === 0 ? 'write' : 'read',
  pattern: `/data/set-${n}/**`,
  origin,
}))
const layers = [{ layer: 'manifest', grants }]
const table = compileTable({ version: 1, componentId: 'bench', forbidden: [], deny: [], layers, operator: [] })
const decider = new Decider(table)

const paths = Array.from({ length: 256 }, (_, n) => `/data/set-${(n % 33) * 3 + 1}/in/${n}.csv`)
const requests = paths.map((resource) => ({ kind: 'filesystem', action: 'read', resource }))
const map = new Map(paths.map((path, n) => [path, n]))

const journal = await Journal.open({ directory: undefined })
const identity = { component: 'bench', incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
// The rate of an actor is a policy and not a cost: it is set out of the way.
const { id, memory } = journal.attach(identity, { rate: { rate: { amount: 1_000_000_000, perMs: 1_000 } } })
const clock = process.hrtime.bigint
const ring = new AuditRing(memory, { clock })

function record(request, decision) {
  return {
    at: clock(),
    policyVersion: 1,
    kind: request.kind,
    action: request.action,
    resource: request.resource,
    verdict: decision.verdict,
    layer: decision.layer,
    rule: decision.rule?.pattern,
    count: 1,
  }
}
const checkAndAppend = (request) => ring.append(record(request, decider.decide(request)))

const logger = pino({ base: null, timestamp: false }, pino.destination({ fd: openSync('/dev/null', 'w'), sync: true }))
let sink = 0
const repeated = (calls) => {
  for (let n = 0; n < calls; n++) checkAndAppend(requests[0])
}
const distinct = (calls) => {
  for (let n = 0; n < calls; n++) checkAndAppend(requests[n & 255])
}
const getOne = (calls) => {
  for (let n = 0; n < calls; n++) sink += map.get(paths[0])
}
const getMany = (calls) => {
  for (let n = 0; n < calls; n++) sink += map.get(paths[n & 255])
}
const logMany = (calls) => {
  for (let n = 0; n < calls; n++) {
    const request = requests[n & 255]
    const { at: _at, ...fields } = record(request, decider.decide(request))
    logger.info(fields)
  }
}

/** A burst, after a moment for the journal to catch up. */
const afterPause = (calls, loop) => async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return nsPerCall(calls, loop)()
}

const runs = await medians(25, { ours: afterPause(20_000, repeated), get: afterPause(20_000, getOne) })
printPair({
  name: 'capability check with audit record, repeated',
  ours: runs.ours,
  baseline: runs.get,
  unit: 'ns',
  of: 'Map.get of the same path',
  aim: { oursMax: 1000 },
})
const many = await medians(25, {
  ours: afterPause(1_000, distinct),
  get: afterPause(1_000, getMany),
  pino: afterPause(1_000, logMany),
})
const pair = { name: 'capability check with audit record, each another resource', ours: many.ours, unit: 'ns' }
printPair({ ...pair, baseline: many.get, of: 'Map.get of the same path', aim: { oursMax: 1000 } })
printPair({ ...pair, baseline: many.pino, of: 'the check and a line of pino' })
await journal.release(id)
await journal.close()
if (sink < 0) throw new Error('unreachable: it keeps the measured calls from being optimised away')
