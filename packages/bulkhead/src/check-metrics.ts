import type { ComponentActor } from '@bulkhead/actor'
import type { CheckMetrics } from './desk-api.js'

type Counters = Omit<ReturnType<ComponentActor['counters']>, 'byKind'>

/** The counters of all guests together. */
export function checkMetrics(all: readonly Counters[]): CheckMetrics {
  const sum = (name: keyof Counters): number => all.reduce((total, counters) => total + counters[name], 0)
  const [granted, denied, timed] = [sum('checksGranted'), sum('checksDenied'), sum('checksTimed')]
  return {
    granted,
    denied,
    cacheHits: sum('cacheHits'),
    cacheMisses: sum('cacheMisses'),
    ...(timed === 0 ? {} : { latencyNs: sum('checksTimedNs') / timed }),
    denialRate: granted + denied === 0 ? 0 : denied / (granted + denied),
  }
}
