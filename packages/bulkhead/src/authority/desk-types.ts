import type { Binding } from '@bulkhead/admin'
import type { Finding } from '@bulkhead/document'

/** What a change of grants came to. */
export type ChangedGrants = {
  /** `KIND.ACTION=PATTERN`, one each. */
  readonly changed: string[]
  /** How each was done. */
  readonly how: string[]
  /** The policy's new version, where it took one. */
  readonly policyVersion?: number
  readonly bound: Binding
}

/** What a change of a policy came to. */
export type ChangedPolicy = {
  readonly version: number
  /** `false`: the document in force has these very bytes. */
  readonly changed: boolean
  readonly warnings: Finding[]
  readonly bound: Binding[]
}
