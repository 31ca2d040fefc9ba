import { type AuditLogRecord, type LogFilter, queryLog } from '@bulkhead/audit'
import { actionsByKind, BulkheadError, type Kind, kinds, parseDuration } from '@bulkhead/vocabulary'
import micromatch from 'micromatch'
import { auditDirectoryOf } from './audit-directory.js'
import { exitCodes } from './exit-codes.js'
import { jsonText } from './json-text.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'
import type { Terminal } from './terminal.js'

export type QueryFlags = {
  readonly child?: string
  readonly verdict?: string
  readonly since?: string
  readonly kind?: string
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
  const directory = await auditDirectoryOf(given, terminal.directory)
  let gone = false
  terminal.stdout.onBroken(() => {
    gone = true
  })
  for await (const record of queryLog(directory, filter)) {
    if (gone) break
    if (flags.child !== undefined && childOf(record) !== flags.child) continue
    const line = flags.json === true ? jsonText(record) : renderRecord(record, terminal.stdout.paint)
    await terminal.stdout.pipe(new TextEncoder().encode(`${line}\n`))
  }
  return exitCodes.done
}

/**
 * @throws {BulkheadError} `usage` for a filter that cannot match anything because it is misspelled.
 */
export function filterOf(flags: QueryFlags, nowMs: number): LogFilter {
  const { verdict, since, kind, resource } = flags
  return {
    ...(verdict === undefined ? {} : { verdict: verdictOf(verdict) }),
    ...(since === undefined ? {} : { since: instantOf(since, nowMs) }),
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

/** `10m` ago, or an instant of ISO 8601; in milliseconds since 1970. */
function instantOf(text: string, nowMs: number): number {
  const ago = parseDuration(text)
  const instant = ago === undefined ? Date.parse(text) : nowMs - ago
  if (Number.isFinite(instant)) return instant
  throw new BulkheadError('usage', `--since \`${text}\` is not an instant`, {
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
