// The least that an actor needs around it, made of the same parts as the runtime: a built component, an audit journal
// without a file, warm spares. What stands above (supervision, trees) is not in these figures.
import { mkdirSync } from 'node:fs'
import { ComponentActor, openSharedChannel, WarmSpares } from '@bulkhead/actor'
import { Journal } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { contextLimits, joinContext } from '@bulkhead/security-context'
import { systemClock } from '@bulkhead/vocabulary'
import { artifactCache, workloadFile } from './build-guest.mjs'

const memoryBytesMax = 64 * 1024 * 1024
const limits = contextLimits(memoryBytesMax, undefined)

/** @param {number} sparesCount how many workers wait booted */
export async function actorRig(sparesCount) {
  mkdirSync(artifactCache, { recursive: true, mode: 0o700 })
  const builder = new ComponentBuilder({
    cacheDirectory: artifactCache,
    cacheKey: loadOrCreateCacheKey(artifactCache),
  })
  const component = await builder.prepare({ file: await workloadFile() }, { memoryBytesMax })
  await builder.close()
  const originNs = process.hrtime.bigint()
  const journal = await Journal.open({ directory: undefined, monotonicOriginNs: originNs })
  const spares = new WarmSpares(openSharedChannel, sparesCount)
  let incarnation = 0

  return {
    originNs,
    /**
     * Starts one actor of the workload guest.
     *
     * @param {string} operation @param {number} count @param {(chunk: Uint8Array) => void} [stdout]
     */
    start(operation, count, stdout = () => {}) {
      const ring = journal.attach({
        component: 'workload',
        incarnation: ++incarnation,
        trust: 'unknown',
        approval: 'approved',
        digest: component.digest,
      })
      return new ComponentActor(
        {
          executable: component.executable,
          context: contextOf(operation, count),
          deadlineMs: undefined,
          stdin: undefined,
          stdout,
          stderr: () => {},
        },
        {
          channel: spares.take(),
          ring,
          releaseRing: () => journal.release(ring.id),
          clock: systemClock,
          originNs,
        },
      )
    },
    async close() {
      await spares.close()
      await journal.close()
    },
  }
}

/** One context for all incarnations of a child, as under a supervisor: compiled once. */
const contexts = new Map()

/** @param {string} operation @param {number} count */
function contextOf(operation, count) {
  const key = `${operation} ${count}`
  const known = contexts.get(key)
  if (known !== undefined) return known
  const context = joinContext({
    principal: 'workload',
    componentId: 'workload',
    policyVersion: 1,
    layers: [],
    operator: [],
    deny: [],
    forbidden: [],
    ownDirectories: [],
    mounts: [],
    args: ['workload', operation, '-', String(count)],
    environment: [],
    limits,
  })
  contexts.set(key, context)
  return context
}
