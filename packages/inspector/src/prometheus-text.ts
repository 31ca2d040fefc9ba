// The numbers of a runtime as Prometheus scrapes them: text format 0.0.4, one line a sample. Labels may hold what somebody
// else has chosen; no character of theirs may begin a line.

import type { MetricFamilyReport, MetricsReport } from '@bulkhead/admin'
import { Counter, Gauge, Registry } from 'prom-client'
import { reasonShownCharactersMax } from './limits.js'
import { oneLine } from './one-line.js'

export const prometheusType = Registry.PROMETHEUS_CONTENT_TYPE

/** A registry for each snapshot: what a host application counts in the default one is none of ours. */
export function prometheusText({ families }: Pick<MetricsReport, 'families'>): Promise<string> {
  const registry = new Registry()
  for (const family of families) {
    const { samples, type } = family
    // Of what nobody has there is no number: the library would make it 0.
    if (samples.length === 0) continue
    const options = {
      name: prometheusName(family),
      help: oneLine(family.help, reasonShownCharactersMax),
      labelNames: [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))],
      registers: [registry],
    }
    if (type === 'counter') {
      const counter = new Counter(options)
      for (const { labels, value } of samples) counter.inc(printable(labels), value)
    } else {
      const gauge = new Gauge(options)
      for (const { labels, value } of samples) gauge.set(printable(labels), value)
    }
  }
  return registry.metrics()
}

const units: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' }

/** `bulkhead.child.cpu` in seconds is `bulkhead_child_cpu_seconds_total`; a number of things, or a share, has no unit. */
export function prometheusName({ name, unit, type }: Pick<MetricFamilyReport, 'name' | 'unit' | 'type'>): string {
  const plain = `${name.replace(/[^A-Za-z0-9_]/g, '_')}${units[unit] ?? ''}`
  return type === 'counter' ? `${plain}_total` : plain
}

function printable(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, oneLine(value, reasonShownCharactersMax)]),
  )
}
