// Audits as fast as it can, over many small files, and says of each record when it was promised to be on the disk:
// `node audit-load.mjs DIRECTORY STATE`, to be killed.
import { writeSync } from 'node:fs'
import { AuditRing, Journal, loadOrCreateSealKey } from '@bulkhead/audit'

const [directory = '', state = ''] = process.argv.slice(2)
const sealKey = loadOrCreateSealKey(state)
const journal = await Journal.open({ directory, sealKey, strict: true, fileBytesMax: 20_000 })
const identity = { component: 'load', incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
const { memory } = journal.attach(identity, { rate: { rate: { amount: 1_000_000, perMs: 1_000 } } })
const clock = process.hrtime.bigint
const ring = new AuditRing(memory, { clock })
/** @param {string} text */
const say = (text) => writeSync(1, `${text}\n`)
/** @type {Omit<import('@bulkhead/vocabulary').AccessRecord, 'at' | 'resource'>} */
const decision = {
  policyVersion: 1,
  kind: 'filesystem',
  action: 'read',
  verdict: 'granted',
  layer: 'manifest',
  count: 1,
}
say('begins')
for (let count = 1; ; count += 1) {
  const resource = `/${process.pid}/${count}`
  if (ring.append({ ...decision, at: clock(), resource })) say(resource)
  if (count % 7 !== 0) continue
  const reason = `note ${process.pid}.${count}`
  await journal.note({ event: 'released', reason })
  say(reason)
}
