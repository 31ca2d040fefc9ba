import { defaultQuotas, type Quotas } from '@bulkhead/manifest'

/** The limits that a context enforces itself. */
export const limitNames = ['memoryBytes', 'cpuPercent', 'handles', 'deadlineMs'] as const
export type LimitName = (typeof limitNames)[number]

/** One document that limits, and what it says. Absent means that it says nothing, zero means none. */
export type LimitSource = {
  /** The document as reports name it: `Component.toml`, `bulkhead.toml`, `ingest.policy.toml`. */
  readonly document: string
  readonly limits: Pick<Quotas, LimitName>
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
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function narrowest(name: LimitName, sources: readonly LimitSource[]): NarrowedLimit | undefined {
  let found: NarrowedLimit | undefined
  for (const { document, limits } of sources) {
    const value = limits[name]
    if (value !== undefined && (found === undefined || value < found.value)) found = { value, document }
  }
  return found
}

function byDefault(value: number): NarrowedLimit {
  return { value, document: defaultLimitsDocument }
}
