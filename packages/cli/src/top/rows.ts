import type { ChildStatus, TreeReport } from '@bulkhead/admin'

/** One child as `top` shows it. Rates are those between two looks; absent where there is no earlier one to compare with. */
export type TopRow = {
  readonly child: string
  readonly state: string
  readonly health?: 'healthy' | 'degraded'
  readonly level: string
  /** Of one core, in percent. */
  readonly cpuPercent?: number
  readonly memory?: { readonly bytes: number; readonly maxBytes: number }
  readonly mailbox?: { readonly messages: number; readonly messagesMax: number }
  /** Published and handled together. */
  readonly messagesPerSecond?: number
  readonly deniedPerSecond?: number
  readonly denied: number
  readonly restarts: number
  readonly why?: string
}

/** The tree as it stood at an instant of a monotonic clock, in milliseconds. */
export type Look = { readonly atMs: number; readonly tree: TreeReport }

export function rowsOf(before: Look | undefined, now: Look): readonly TopRow[] {
  const earlier = new Map(before?.tree.children.map((child) => [child.child, child]))
  const elapsedMs = before === undefined ? 0 : now.atMs - before.atMs
  return now.tree.children.map((child) => rowOf(child, elapsedMs > 0 ? earlier.get(child.child) : undefined, elapsedMs))
}

function rowOf(child: ChildStatus, before: ChildStatus | undefined, elapsedMs: number): TopRow {
  const { state, health, level, memory, mailbox, rates, restarts, denied = 0, why, next } = child
  const cpuPercent = before === undefined ? undefined : cpuShare(before, child, elapsedMs)
  const story = [why, next?.what].filter((part) => part !== undefined).join('; ')
  return {
    ...{ child: child.child, state, level, restarts, denied },
    ...(health === undefined ? {} : { health }),
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
    ...(memory === undefined ? {} : { memory }),
    ...(mailbox === undefined ? {} : { mailbox: { messages: mailbox.messages, messagesMax: mailbox.messagesMax } }),
    ...(rates === undefined ? {} : { messagesPerSecond: rates.publishedPerSecond + rates.handledPerSecond }),
    // What a run that ended has counted is added when its end was seen: until then there seem to be fewer.
    ...(before === undefined
      ? {}
      : { deniedPerSecond: (Math.max(0, denied - (before.denied ?? 0)) * 1_000) / elapsedMs }),
    ...(story === '' ? {} : { why: story }),
  }
}

/** Processor time is that of one run: across a restart there is nothing to compare. */
function cpuShare(before: ChildStatus, now: ChildStatus, elapsedMs: number): number | undefined {
  if (now.cpuMs === undefined || before.cpuMs === undefined || now.incarnation !== before.incarnation) return undefined
  return (Math.max(0, now.cpuMs - before.cpuMs) * 100) / elapsedMs
}
