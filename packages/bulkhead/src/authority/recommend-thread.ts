// The thread of one recommendation: an audit log may be long, and the host's own thread has children to supervise.
// Perimeter: reads the audit log.
import { parentPort, workerData } from 'node:worker_threads'
import { queryLog } from '@bulkhead/audit'
import { AccessTally, observedAccess, type RecommendInput, recommend } from '@bulkhead/policy'

/** What a recommendation is made from. Plain data. */
export type RecommendTask = {
  readonly auditDirectory: string
  readonly child: string
  /** Records since this instant: wall clock, milliseconds. */
  readonly since?: number
  readonly digest: string
  readonly input: Omit<RecommendInput, 'accesses' | 'digest'>
}

const { auditDirectory, child, since, digest, input } = workerData as RecommendTask
const tally = new AccessTally({ digest })
const filter = { child: `component:${child}`, ...(since === undefined ? {} : { since }) }
for await (const record of queryLog(auditDirectory, filter)) {
  const access = observedAccess(record)
  if (access !== undefined) tally.add(access)
}
parentPort?.postMessage(recommend({ ...input, accesses: tally }))
