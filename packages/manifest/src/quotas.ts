import { type Entry, type Field, quantity, readTable, type TableRules, wholeNumber } from '@bulkhead/document'
import { parseByteRate, parseBytes, parseDuration, parsePercent, parseRate, type Rate } from '@bulkhead/vocabulary'

/** What a document limits. Absent means the default (`defaultQuotas`), zero means none. */
export type Quotas = {
  /** Linear memory, all memories together. */
  readonly memoryBytes?: number
  readonly storageBytes?: number
  /** Messages that it sends; apart from those, and only where this is written, messages that it is handed. */
  readonly messages?: Rate
  /** Bytes over the network. */
  readonly network?: Rate
  /** HTTP requests. */
  readonly requests?: Rate
  /** Percent of one core. */
  readonly cpuPercent?: number
  /** One call or message. */
  readonly deadlineMs?: number
  /** Bytes of log. */
  readonly logs?: Rate
  /** Open descriptors and streams. */
  readonly handles?: number
}

const perHour = ({ amount, perMs }: Rate): number => (amount * 3_600_000) / perMs
const itself = (value: number): number => value

/** A time, as `shutdown` and `deadline` have it. */
export function duration(min: string, max: string): Field<number> {
  return quantity(parseDuration, itself, { what: 'a time as `"30s"` (ms, s, m, h, d)', min, max })
}

function size(max: string): Field<number> {
  return quantity(parseBytes, itself, { what: 'a size as `"64MiB"` (B, KiB, MiB, GiB, TiB)', min: '0B', max })
}

function rate(max: string): Field<Rate> {
  return quantity(parseRate, perHour, { what: 'a rate as `"100/s"` (s, m, h)', min: '0/h', max })
}

function byteRate(max: string): Field<Rate> {
  return quantity(parseByteRate, perHour, { what: 'a rate as `"64KiB/s"` (s, m, h)', min: '0B/h', max })
}

/** The longest deadline: longer ones do not fit a timer. */
export const deadline = duration('1ms', '24d')

/** The keys of `[quotas]`, wherever such a table stands. */
export const quotaFields = {
  memory: size('4GiB'),
  storage: size('1TiB'),
  messages: rate('1000000/s'),
  network: byteRate('100GiB/s'),
  requests: rate('1000000/s'),
  cpu: quantity(parsePercent, itself, { what: 'a share as `"50%"` of one core', min: '1%', max: '100000%' }),
  deadline,
  logs: byteRate('1GiB/s'),
  handles: wholeNumber(0, 65_536),
}

type QuotaKey = keyof typeof quotaFields

const quotaNames = {
  memory: 'memoryBytes',
  storage: 'storageBytes',
  messages: 'messages',
  network: 'network',
  requests: 'requests',
  cpu: 'cpuPercent',
  deadline: 'deadlineMs',
  logs: 'logs',
  handles: 'handles',
} as const satisfies Record<QuotaKey, keyof Quotas>

/** A table of quotas; `rules` as `readTable` has them. */
export function quotas(rules: TableRules<typeof quotaFields> = {}): Field<Quotas> {
  return (entry: Entry) => {
    const table = readTable(entry, quotaFields, rules)
    if (table === undefined) return undefined
    return Object.fromEntries(Object.entries(table).map(([key, value]) => [quotaNames[key as QuotaKey], value]))
  }
}
