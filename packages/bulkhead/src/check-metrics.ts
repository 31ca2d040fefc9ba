import type { CheckMetrics } from './desk-api.js'
import type { RunTotals } from './metrics/run-totals.js'

/** The counters of all guests together, in the words of the public interface. */
export function checkMetrics(counted: RunTotals['checks']): CheckMetrics {
  const { checksGranted: granted, checksDenied: denied, cacheHits, cacheMisses, checksTimed, checksTimedNs } = counted
  return {
    ...{ granted, denied, cacheHits, cacheMisses },
    ...(checksTimed === 0 ? {} : { latencyNs: checksTimedNs / checksTimed }),
    denialRate: granted + denied === 0 ? 0 : denied / (granted + denied),
  }
}
