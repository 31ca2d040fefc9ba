import type { Spent } from '@bulkhead/quota'
import type { Gauge } from './quota-watch.js'

/** What is known of the quotas that one member uses. */
export type MemberUse = {
  readonly memory: { readonly bytes: number; readonly maxBytes: number } | undefined
  readonly audit: Spent | undefined
  /** Its child's: the members of a pool share it. */
  readonly logs: Spent | undefined
}

/** What a member uses of the quotas that are not about messages. */
export function memberGauges({ memory, audit, logs }: MemberUse): readonly Gauge[] {
  return [
    ...(memory === undefined
      ? []
      : [{ quota: 'linear memory', spent: { used: memory.bytes, limit: memory.maxBytes } }]),
    ...(audit === undefined ? [] : [{ quota: 'audit records', spent: audit }]),
    ...(logs === undefined ? [] : [{ quota: 'log bytes', spent: logs }]),
  ]
}
