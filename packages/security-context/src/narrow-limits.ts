import { defaultQuotas, type Quotas } from '@bulkhead/manifest'
import type { Rate } from '@bulkhead/vocabulary'

/** The limits that a context enforces itself. */
export const limitNames = ['memoryBytes', 'cpuPercent', 'handles', 'messagesPerHour', 'deadlineMs'] as const
export type LimitName = (typeof limitNames)[number]

/** One document that limits, and what it says. Absent means that it says nothing, zero means none. */
export type LimitSource = {
  /** The document as reports name it: `Component.toml`, `bulkhead.toml`, `ingest.policy.toml`. */
  readonly document: string
  readonly limits: { readonly [Name in LimitName]?: number } & Pick<Quotas, 'messages'>
}

/** A limit with the document that it comes from; `default` where no document limits. */
export type NarrowedLimit = { readonly value: number; readonly document: string }

/** Names what no document says. */
export const defaultLimitsDocument = 'default'

export type NarrowedLimits = {
  /** Linear memory, all memories together. */
  readonly memoryBytes: NarrowedLimit
  /** Percent of one core. */
  readonly cpuPercent: NarrowedLimit
  readonly handles: NarrowedLimit
  /** Messages that it sends, all members of a pool together; those that it is handed where a document limits it. */
  readonly messagesPerHour: NarrowedLimit
  /** One call or message. Absent: none, unless what is called has one of its own. */
  readonly deadlineMs?: NarrowedLimit
}

/**
 * For each limit the narrowest that any document writes: manifest, tree entry and policy only narrow each other. Where two
 * say the same the first is named; where none says anything the default holds (SPEC 13).
 *
 * @example
 * ```ts
 * narrowLimits([
 *   { document: 'Component.toml', limits: { memoryBytes: 64 * 1024 ** 2 } },
 *   { document: 'ingest.policy.toml', limits: { memoryBytes: 32 * 1024 ** 2 } },
 * ]).memoryBytes // { value: 33554432, document: 'ingest.policy.toml' }
 * ```
 */
export function narrowLimits(sources: readonly LimitSource[]): NarrowedLimits {
  const deadlineMs = narrowest('deadlineMs', sources)
  return {
    memoryBytes: narrowest('memoryBytes', sources) ?? byDefault(defaultQuotas.memoryBytes),
    cpuPercent: narrowest('cpuPercent', sources) ?? byDefault(defaultQuotas.cpuPercent),
    handles: narrowest('handles', sources) ?? byDefault(defaultQuotas.handles),
    messagesPerHour: narrowest('messagesPerHour', sources) ?? byDefault(perHour(defaultQuotas.messages)),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function narrowest(name: LimitName, sources: readonly LimitSource[]): NarrowedLimit | undefined {
  let found: NarrowedLimit | undefined
  for (const { document, limits } of sources) {
    const value = writtenIn(name, limits)
    if (value !== undefined && (found === undefined || value < found.value)) found = { value, document }
  }
  return found
}

function writtenIn(name: LimitName, limits: LimitSource['limits']): number | undefined {
  const { messages } = limits
  return name === 'messagesPerHour' && messages !== undefined ? perHour(messages) : limits[name]
}

/** Whole, since rates are written by the second, the minute or the hour. */
function perHour({ amount, perMs }: Rate): number {
  return amount * (3_600_000 / perMs)
}

function byDefault(value: number): NarrowedLimit {
  return { value, document: defaultLimitsDocument }
}
