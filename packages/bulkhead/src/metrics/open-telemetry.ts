import { type BatchObservableCallback, metrics, type Observable } from '@opentelemetry/api'
import { metricFamilies } from './metric-families.js'
import type { MetricsSnapshot } from './metric-sheet.js'

/**
 * Lets the host application's meter provider read the runtime's numbers, if it has set one. Who reads decides when: nothing
 * is computed before.
 *
 * @returns lets go of it again
 */
export function observe(version: string, snapshot: () => MetricsSnapshot): () => void {
  const meter = metrics.getMeter('bulkhead', version)
  const instruments = new Map<string, Observable>(
    metricFamilies.map(({ name, unit, help: description, type }) => [
      name,
      type === 'counter'
        ? meter.createObservableCounter(name, { unit, description })
        : meter.createObservableGauge(name, { unit, description }),
    ]),
  )
  const all = [...instruments.values()]
  const callback: BatchObservableCallback = (result) => {
    for (const { name, samples } of snapshot().families) {
      const instrument = instruments.get(name)
      if (instrument === undefined) continue
      for (const { labels, value } of samples) result.observe(instrument, value, labels)
    }
  }
  meter.addBatchObservableCallback(callback, all)
  return () => meter.removeBatchObservableCallback(callback, all)
}
