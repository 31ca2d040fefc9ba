// How soon a revocation binds a guest that opens files as fast as it can: from `replaceContext` to the instant of the first
// denial's audit record, which has whole milliseconds. Beside it what one would do without revocation: end the guest's
// thread. Guests run at nice +10: on a busy machine this is mostly the time until the guest runs again.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ComponentActor, openSharedChannel, WarmSpares } from '@bulkhead/actor'
import { Journal } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { joinContext, surveyMounts } from '@bulkhead/security-context'
import { systemClock } from '@bulkhead/vocabulary'
import { artifactCache, workloadFile } from '../../../bench/build-guest.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const memoryBytesMax = 64 * 1024 * 1024
/** More than any guest opens before it is stopped. */
const opens = 2_000_000_000
/** Long enough that a busy machine is measured and stops no guest. */
const graceMs = 10_000
/** Until the guest spins as fast as it will. */
const warmUpMs = 100

mkdirSync(artifactCache, { recursive: true, mode: 0o700 })
const builder = new ComponentBuilder({ cacheDirectory: artifactCache, cacheKey: loadOrCreateCacheKey(artifactCache) })
const component = await builder.prepare({ file: await workloadFile() }, { memoryBytesMax })
await builder.close()
const host = realpathSync(mkdtempSync(join(tmpdir(), 'revoke-')))
writeFileSync(join(host, 'f'), '')
const originNs = process.hrtime.bigint()
/** @type {(wallMs: number) => void} */
let hearDenial = () => {}
const journal = await Journal.open({
  directory: undefined,
  monotonicOriginNs: originNs,
  onRecords: ([first]) => hearDenial(first?.type === 'access' ? first.time : Number.NaN),
})
const spares = new WarmSpares(openSharedChannel, 1)
let incarnation = 0

/** @param {number} policyVersion @param {string[]} readable */
function contextOf(policyVersion, readable) {
  const request = { guestPath: '/data', hostPath: host, mode: /** @type {const} */ ('read'), hardlinks: false }
  return joinContext({
    principal: 'workload',
    componentId: 'workload',
    policyVersion,
    layers: [
      {
        layer: 'manifest',
        grants: readable.map((pattern) => ({
          kind: 'filesystem',
          action: 'read',
          pattern,
          origin: { document: 'bench' },
        })),
      },
    ],
    operator: [],
    deny: [],
    forbidden: [],
    ownDirectories: [],
    mounts: surveyMounts([request], [], []).mounts,
    args: ['workload', 'open-close', 'data/f', String(opens)],
    environment: [],
    limits: {
      memoryBytesMax,
      cpuPercent: 100,
      handlesMax: 256,
      pollablesMax: 256,
      randomBytesPerCallMax: 65_536,
      readBytesPerCallMax: 1_048_576,
    },
  })
}

async function spinning() {
  const ring = journal.attach({
    component: 'workload',
    incarnation: ++incarnation,
    trust: 'unknown',
    approval: 'approved',
    digest: component.digest,
  })
  const actor = new ComponentActor(
    {
      executable: component.executable,
      context: contextOf(1, ['/data/**']),
      deadlineMs: undefined,
      stdin: undefined,
      stdout: () => {},
      stderr: () => {},
    },
    { channel: spares.take(), ring, releaseRing: () => journal.release(ring.id), clock: systemClock, originNs },
  )
  await actor.ready
  await sleep(warmUpMs)
  return actor
}

let settledMs = 0

/** Milliseconds from the change to the first call that is decided by it. */
async function revoke() {
  const actor = await spinning()
  const { table, neighbours } = contextOf(2, []).worker
  const denied = new Promise((resolve) => {
    hearDenial = resolve
  })
  const beganWallMs = Date.now()
  const began = performance.now()
  actor.replaceContext({ policyVersion: 2, table, neighbours })
  const how = await actor.settleOn(2, graceMs)
  settledMs = performance.now() - began
  const report = await actor.exited
  // The guest ends with this code at the first open that fails.
  if (how !== 'left' || report.exitCode !== 3 || report.usage.checksDenied === 0) {
    throw new Error(`the guest was not denied: ${how}, ${JSON.stringify(report)}`)
  }
  return Math.max(0, (await denied) - beganWallMs)
}

async function end() {
  const actor = await spinning()
  const began = performance.now()
  await actor.kill()
  const endedMs = performance.now() - began
  await actor.exited
  return endedMs
}

const { denied, settled, baseline } = await medians(15, { denied: revoke, settled: () => settledMs, baseline: end })
const pair = { baseline, unit: /** @type {const} */ ('ms'), of: 'ending the thread of the same guest' }
printPair({ name: 'revoke to first denied call of a spinning guest', ours: denied, ...pair, aim: { oursMax: 5 } })
printPair({ name: 'revoke to no older call inside', ours: settled, ...pair, aim: { oursMax: 5 } })
await spares.close()
await journal.close()
rmSync(host, { recursive: true })
