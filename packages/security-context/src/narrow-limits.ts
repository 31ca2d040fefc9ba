import { defaultQuotas, type Quotas } from '@bulkhead/manifest'
import type { Rate } from '@bulkhead/vocabulary'

/** The limits that a context enforces itself. */
export const limitNames = [
  'memoryBytes',
  'cpuPercent',
  'handles',
  'messagesPerHour',
  'logBytesPerHour',
  'storageBytes',
  'networkBytesPerHour',
  'requestsPerHour',
  'deadlineMs',
] as const
export type LimitName = (typeof limitNames)[number]

/** One document that limits, and what it says. Absent means that it says nothing, zero means none. */
export type LimitSource = {
  /** The document as reports name it: `Component.toml`, `bulkhead.toml`, `ingest.policy.toml`. */
  readonly document: string
  readonly limits: { readonly [Name in LimitName]?: number } & Pick<
    Quotas,
    'messages' | 'logs' | 'network' | 'requests'
  >
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
  /** Bytes of its outputs and of its log messages, all members of a pool together. */
  readonly logBytesPerHour: NarrowedLimit
  /** What it keeps in the store, keys and values, all members of a pool together. */
  readonly storageBytes: NarrowedLimit
  /** Bytes that it reads from the network and writes to it. */
  readonly networkBytesPerHour: NarrowedLimit
  /** HTTP requests that it makes. Absent: as many as it likes. */
  readonly requestsPerHour?: NarrowedLimit
  /** One call or message. Absent: none, unless what is called has one of its own. */
  readonly deadlineMs?: NarrowedLimit
}

/**
 * For each limit the narrowest that any document writes: manifest, tree entry and policy only narrow each other. Where two
 * say the same the first is named; where none says anything the default holds (SPEC 13). A ceiling comes last: it takes
 * from the default too, and gives nobody more than that.
 *
 * @example
 * ```ts
 * narrowLimits([
 *   { document: 'Component.toml', limits: { memoryBytes: 64 * 1024 ** 2 } },
 *   { document: 'ingest.policy.toml', limits: { memoryBytes: 32 * 1024 ** 2 } },
 * ]).memoryBytes // { value: 33554432, document: 'ingest.policy.toml' }
 * ```
 */
export function narrowLimits(sources: readonly LimitSource[], ceiling?: LimitSource): NarrowedLimits {
  const below = (name: LimitName, written: NarrowedLimit): NarrowedLimit => {
    const most = ceiling === undefined ? undefined : narrowest(name, [ceiling])
    return most === undefined || written.value <= most.value ? written : most
  }
  const narrowed = (name: LimitName, byItself: number): NarrowedLimit =>
    below(name, narrowest(name, sources) ?? byDefault(byItself))
  const requestsPerHour = narrowed('requestsPerHour', Number.POSITIVE_INFINITY)
  const deadlineMs = narrowed('deadlineMs', Number.POSITIVE_INFINITY)
  return {
    memoryBytes: narrowed('memoryBytes', defaultQuotas.memoryBytes),
    cpuPercent: narrowed('cpuPercent', defaultQuotas.cpuPercent),
    handles: narrowed('handles', defaultQuotas.handles),
    messagesPerHour: narrowed('messagesPerHour', perHour(defaultQuotas.messages)),
    logBytesPerHour: narrowed('logBytesPerHour', perHour(defaultQuotas.logs)),
    storageBytes: narrowed('storageBytes', defaultQuotas.storageBytes),
    networkBytesPerHour: narrowed('networkBytesPerHour', perHour(defaultQuotas.network)),
    ...(Number.isFinite(requestsPerHour.value) ? { requestsPerHour } : {}),
    ...(Number.isFinite(deadlineMs.value) ? { deadlineMs } : {}),
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
  const rate = name in rateOf ? limits[rateOf[name as keyof typeof rateOf]] : undefined
  return rate === undefined ? limits[name] : perHour(rate)
}

/** As documents write them. */
const rateOf = {
  messagesPerHour: 'messages',
  logBytesPerHour: 'logs',
  networkBytesPerHour: 'network',
  requestsPerHour: 'requests',
} as const satisfies { readonly [Name in LimitName]?: keyof Quotas }

/** Whole, since rates are written by the second, the minute or the hour. */
function perHour({ amount, perMs }: Rate): number {
  return amount * (3_600_000 / perMs)
}

function byDefault(value: number): NarrowedLimit {
  return { value, document: defaultLimitsDocument }
}
