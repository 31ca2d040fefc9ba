import type { ChildStatus, TreeReport } from '@bulkhead/admin'
import type { ChildSample, SampleReport } from './api-types.js'
import { childrenSampledMax } from './limits.js'

/** What was refused each child until some moment. */
export type DeniedBefore = { readonly time: number; readonly byChild: ReadonlyMap<string, number> }

/** @param before of the sample before; without it nobody knows what is new */
export function sampleOf(report: TreeReport, time: number, before: DeniedBefore | undefined): SampleReport {
  const seconds = before === undefined ? 0 : (time - before.time) / 1_000
  return { time, children: report.children.slice(0, childrenSampledMax).map((child) => childSample(child)) }

  function childSample({ child, denied = 0, rates, memory, mailbox }: ChildStatus): ChildSample {
    const known = before?.byChild.get(child)
    const isNew = known === undefined || seconds <= 0
    return {
      child,
      messagesPerSecond: rates === undefined ? 0 : rates.publishedPerSecond + rates.handledPerSecond,
      denialsPerSecond: isNew ? 0 : Math.max(0, denied - known) / seconds,
      memoryBytes: memory?.bytes ?? 0,
      mailboxMessages: mailbox?.messages ?? 0,
    }
  }
}

export function deniedUntil(report: TreeReport, time: number): DeniedBefore {
  return { time, byChild: new Map(report.children.map(({ child, denied = 0 }) => [child, denied])) }
}
