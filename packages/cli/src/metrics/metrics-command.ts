import type { MetricFamilyReport, MetricsReport } from '@bulkhead/admin'
import micromatch from 'micromatch'
import { answer } from '../answer.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'

export type MetricsFlags = StateFlags & { readonly name?: string; readonly child?: string }

/**
 * `bulkhead metrics`: every number of the running process, by family.
 *
 * @returns 0; 1 where the filter leaves nothing
 */
export async function metricsCommand(flags: MetricsFlags, session: Session): Promise<number> {
  const found = await atProcess(flags, session, (live) => live.request('metrics', {}))
  const wanted = narrowed(found, flags)
  answer(session.terminal, flags, wanted, renderMetrics)
  return wanted.families.length === 0 ? exitCodes.failed : exitCodes.done
}

function narrowed(report: MetricsReport, { name, child }: MetricsFlags): MetricsReport {
  const isNamed = name === undefined ? () => true : micromatch.matcher(name)
  const families = report.families
    .filter((family) => isNamed(family.name))
    .map((family) => ({
      ...family,
      samples: family.samples.filter(({ labels }) => child === undefined || labels['child'] === child),
    }))
    .filter(({ samples }) => samples.length > 0)
  return { ...report, families }
}

export function renderMetrics({ families, others }: MetricsReport, paint: Paint): readonly string[] {
  const lines = families.flatMap((family) => [
    `${paint('bold', family.name)}  ${family.help}`,
    ...family.samples.map(({ labels, value }) =>
      `  ${figure(value, family).padStart(14)}  ${labelText(labels)}`.trimEnd(),
    ),
  ])
  const missing = others === 0 ? [] : [`${others} further children are summed up as (others)`]
  return families.length === 0 ? ['no such numbers'] : [...lines, ...missing]
}

function figure(value: number, { unit }: MetricFamilyReport): string {
  const rounded = Number.isInteger(value) ? String(value) : value.toPrecision(4)
  const shown = { s: 's', By: 'B' }[unit]
  return shown === undefined ? rounded : `${rounded} ${shown}`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${printable(value)}`)
    .join('  ')
}
