import type { Grant } from '@bulkhead/capability'
import type { Finding } from '@bulkhead/document'

/** How a policy is written: native TOML, or Wassette's YAML. */
export const policyFormats = ['native', 'wassette'] as const
export type PolicyFormat = (typeof policyFormats)[number]

/** What a policy limits. Absent means that it says nothing about it; zero means none. */
export type PolicyLimits = {
  /** Linear memory, all memories together. */
  readonly memoryBytes?: number
  /** Percent of one core. */
  readonly cpuPercent?: number
  /** One call or message. */
  readonly deadlineMs?: number
  /** Open descriptors and streams. */
  readonly handles?: number
  /** Messages sent; and those that it is handed. */
  readonly messagesPerHour?: number
  /** Keys and values in the store. */
  readonly storageBytes?: number
  /** Bytes over the network, both ways. */
  readonly networkBytesPerHour?: number
  /** HTTP requests sent. */
  readonly requestsPerHour?: number
  /** Bytes of its outputs and of its log messages. */
  readonly logBytesPerHour?: number
}

/** What a policy says for several components together (SPEC 5). */
export type SharedRules = {
  /** Child ids, in the order of the document. */
  readonly components: readonly string[]
  readonly allow: readonly Grant[]
  readonly deny: readonly Grant[]
}

/** A checked, deep-frozen policy: what an operator allows. Each rule's origin is the place of its pattern. */
export type Policy = {
  /** The document's name, as origins and findings repeat it. */
  readonly file: string
  readonly format: PolicyFormat
  readonly description?: string
  /** In the order of the document. */
  readonly allow: readonly Grant[]
  readonly deny: readonly Grant[]
  readonly limits: PolicyLimits
  readonly shared?: SharedRules
  /** What was read and cannot be enforced: nothing of it grants anything. */
  readonly warnings: readonly Finding[]
}
