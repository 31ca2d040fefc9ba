import { type AuditLogRecord, auditEvents, followLog, type LogFilter, queryLog } from '@bulkhead/audit'
import { actionsByKind, BulkheadError, type Kind, kinds, parseDuration } from '@bulkhead/vocabulary'
import micromatch from 'micromatch'
import { auditDirectoryOf } from './audit-directory.js'
import { exitCodes } from './exit-codes.js'
import { jsonText } from './json-text.js'
import { recordsShownMax } from './limits.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'
import type { Terminal } from './terminal.js'

export type QueryFlags = {
  readonly child?: string
  readonly verdict?: string
  readonly since?: string
  readonly until?: string
  readonly kind?: string
  readonly event?: string
  readonly limit?: string
  readonly follow?: boolean
  readonly resource?: string
  readonly json?: boolean
}

/** `bulkhead audit query [DIR]`: who was granted or denied what, oldest first. */
export async function auditQueryCommand(
  given: string | undefined,
  flags: QueryFlags,
  terminal: Terminal,
  nowMs: number = Date.now(),
): Promise<number> {
  const filter = filterOf(flags, nowMs)
  const limit = flags.limit === undefined ? Number.POSITIVE_INFINITY : limitOf(flags.limit)
  const directory = await auditDirectoryOf(given, terminal.directory)
  const left = new AbortController()
  terminal.stdout.onBroken(() => left.abort())
  const print = async (record: AuditLogRecord): Promise<void> => {
    const line = flags.json === true ? jsonText(record) : renderRecord(record, terminal.stdout.paint)
    await terminal.stdout.pipe(new TextEncoder().encode(`${line}\n`))
  }
  // With a limit the newest are wanted: they are known when the end of the log has come.
  let newest: AuditLogRecord[] | undefined = flags.limit === undefined ? undefined : []
  const tellNewest = async (): Promise<void> => {
    const told = newest ?? []
    newest = undefined
    for (const record of told) await print(record)
  }
  const records = flags.follow === true ? followLog(directory, filter, left.signal) : queryLog(directory, filter)
  for await (const record of records) {
    if (left.signal.aborted) break
    if (record === 'caught-up') await tellNewest()
    else if (flags.child !== undefined && childOf(record) !== flags.child) continue
    else if (newest === undefined) await print(record)
    else if (newest.push(record) > limit) newest.shift()
  }
  await tellNewest()
  return exitCodes.done
}

/**
 * @throws {BulkheadError} `usage` for a filter that cannot match anything because it is misspelled.
 */
export function filterOf(flags: QueryFlags, nowMs: number): LogFilter {
  const { verdict, since, until, kind, event, resource } = flags
  return {
    ...(verdict === undefined ? {} : { verdict: verdictOf(verdict) }),
    ...(since === undefined ? {} : { since: instantOf('since', since, nowMs) }),
    ...(until === undefined ? {} : { until: instantOf('until', until, nowMs) }),
    ...(event === undefined ? {} : { event: eventOf(event) }),
    ...(kind === undefined ? {} : { kind: kindOf(kind) }),
    ...(resource === undefined ? {} : { resource: micromatch.matcher(resource, { dot: true }) }),
  }
}

function verdictOf(text: string): 'granted' | 'denied' {
  if (text === 'granted' || text === 'denied') return text
  throw new BulkheadError('usage', `--verdict \`${text}\` is not a verdict`, { hint: 'granted or denied' })
}

function kindOf(text: string): Kind {
  const kind = kinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new BulkheadError('usage', `--kind \`${text}\` is not a kind`, { hint: Object.keys(actionsByKind).join(', ') })
}

function eventOf(text: string): AuditLogRecord['event'] {
  const event = auditEvents.find((one) => one === text)
  if (event !== undefined) return event
  throw new BulkheadError('usage', `--event \`${text}\` is not an event`, { hint: auditEvents.join(', ') })
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (/^[0-9]+$/.test(text) && limit >= 1 && limit <= recordsShownMax) return limit
  throw new BulkheadError('usage', `--limit \`${text}\` is not a number of records`, {
    hint: `1 to ${recordsShownMax}; left out: all of them`,
  })
}

/** `10m` ago, or an instant of ISO 8601; in milliseconds since 1970. */
function instantOf(flag: string, text: string, nowMs: number): number {
  const ago = parseDuration(text)
  const instant = ago === undefined ? Date.parse(text) : nowMs - ago
  if (Number.isFinite(instant)) return instant
  throw new BulkheadError('usage', `--${flag} \`${text}\` is not an instant`, {
    hint: 'a duration back from now (10m), or a date (2026-01-31T10:00:00Z)',
  })
}

function renderRecord(record: AuditLogRecord, paint: Paint): string {
  const time = `${paint('dim', record.time)} ${String(record.seq).padStart(6)}`
  const who = printable(childOf(record) ?? '-')
  if (record.verdict === undefined) return `${time} ${record.event} ${who}${tail(record)}`
  const verdict = paint(record.verdict === 'denied' ? 'red' : 'green', record.verdict.padEnd(7))
  return `${time} ${verdict} ${who} ${record.kind}.${record.action} ${printable(record.resource ?? '')}${tail(record)}`
}

/** The log names principals, `component:<child id>`; people name children. */
function childOf(record: AuditLogRecord): string | undefined {
  return record.component?.replace(/^component:/, '')
}

function tail(record: AuditLogRecord): string {
  const count = (record.count ?? 1) > 1 ? ` (${record.count} times)` : ''
  const probe = record.probe === true ? ' (probe)' : ''
  return `${record.reason === undefined ? '' : `: ${printable(record.reason)}`}${probe}${count}`
}
