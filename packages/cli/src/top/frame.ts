import type { HealthEvent } from '@bulkhead/vocabulary'
import { formatAge, formatBytes } from '@bulkhead/vocabulary'
import { cutToWidth } from '../display-width.js'
import { childrenText } from '../health/health-command.js'
import { printable } from '../printable.js'
import { renderEvent } from '../render-event.js'
import type { Paint, Style } from '../sgr.js'
import { type FittedColumn, fittedTable } from './fitted-table.js'
import type { TopRow } from './rows.js'
import type { TopSample } from './sampler.js'
import { arranged, type TopView } from './view.js'

export type Frame = {
  readonly sample: TopSample
  readonly view: TopView
  /** The last one, as long as it is news. */
  readonly event?: HealthEvent
  /** No process answers, or has not for a while: what stands there is old. */
  readonly trouble?: string
}

export type Size = { readonly columns: number; readonly rows: number }

/** Lines of the head, the table's head and the foot: what is left of a screen is for children. */
const linesAround = 6
const plain: Paint = (_style, text) => text

/** How many children fit on a screen. */
export function pageOf({ rows }: Size): number {
  return Math.max(1, rows - linesAround)
}

/** A whole screen: no more lines than it has rows, and none wider than it. */
export function renderFrame(frame: Frame, size: Size, paint: Paint): readonly string[] {
  const { sample, view } = frame
  const rows = arranged(sample.children, view)
  const page = pageOf(size)
  const offset = Math.min(view.offset, Math.max(0, rows.length - page))
  const table = fittedTable(topColumns, whyColumn, rows.slice(offset, offset + page), size.columns, paint)
  const lines = [...headLines(frame, size.columns, paint), ...table]
  if (size.rows <= linesAround) return [...lines.slice(0, 1), ...table].slice(0, size.rows)
  const filling = Array.from({ length: Math.max(0, size.rows - 1 - lines.length) }, () => '')
  return [...lines, ...filling, footLine(view, rows.length, offset, page, size.columns, paint)]
}

/** How the process stands, which walls do, what is not well, and what happened last. */
function headLines({ sample, event, trouble }: Frame, width: number, paint: Paint): readonly string[] {
  const { status, ready, live, since, pid, walls, reasons, security } = sample.health
  const standing = `${status}, ${ready ? 'ready' : 'not ready'}, ${live ? 'live' : 'not live'}`
  const age = formatAge(sample.time - since)
  const facts = [`${standing}`, `up ${age}`, childrenText(sample.health), `pid ${pid}`]
  const missing = walls?.missing.map(({ wall }) => `no ${wall}`) ?? []
  const up = walls === undefined ? 'not looked for' : [...walls.up, ...missing].join(', ')
  const violations = security.violations === 0 ? '' : `; ${security.violations} security violations`
  const last = event === undefined ? '' : renderEvent(event, plain)
  return [
    styled(headStyles[status], facts.join(' · '), width, paint),
    styled(undefined, `walls: ${up}${violations}`, width, paint),
    trouble === undefined
      ? styled('yellow', reasons.map((reason) => printable(reason)).join('; '), width, paint)
      : styled('red', trouble, width, paint),
    styled('dim', last, width, paint),
  ]
}

const headStyles = { ok: 'green', degraded: 'yellow', failed: 'red' } as const

function styled(style: Style | undefined, text: string, width: number, paint: Paint): string {
  const cut = cutToWidth(text, width)
  return style === undefined || cut === '' ? cut : paint(style, cut)
}

function footLine(
  { sort, filter, isTyping, isPaused }: TopView,
  count: number,
  offset: number,
  page: number,
  width: number,
  paint: Paint,
): string {
  if (isTyping) return styled('bold', `filter: ${filter}_`, width, paint)
  const place = count > page ? `${offset + 1}–${Math.min(count, offset + page)} of ${count}` : ''
  const parts = [
    isPaused ? 'PAUSED' : '',
    place,
    filter === '' ? '' : `filter: ${filter}`,
    `by ${sort}`,
    'c cpu  m memory  d denials  n name  / filter  space pause  q quit',
  ]
  return styled('dim', parts.filter((part) => part !== '').join('  '), width, paint)
}

const stateStyles: Readonly<Partial<Record<string, Style>>> = {
  running: 'green',
  waiting: 'yellow',
  backoff: 'yellow',
  held: 'yellow',
  'half-open': 'yellow',
  quarantined: 'red',
  failed: 'red',
  zombie: 'red',
}

const topColumns: readonly FittedColumn<TopRow>[] = [
  { title: 'child', align: 'left', rank: 0, cell: ({ child }) => printable(child) },
  {
    ...{ title: 'state', align: 'left', rank: 0 },
    cell: ({ state, health }) => (health === 'degraded' ? health : printable(state)),
    style: ({ state, health }) => (health === 'degraded' ? 'yellow' : stateStyles[state]),
  },
  {
    ...{ title: 'level', align: 'left', rank: 5 },
    cell: ({ level }) => printable(level),
    style: ({ level }) => (level === 'thread' ? undefined : 'yellow'),
  },
  { title: 'cpu', align: 'right', rank: 1, cell: ({ cpuPercent }) => percentText(cpuPercent) },
  {
    ...{ title: 'memory', align: 'right', rank: 2 },
    cell: ({ memory }) => (memory === undefined ? '' : `${formatBytes(memory.bytes)}/${formatBytes(memory.maxBytes)}`),
  },
  {
    ...{ title: 'waiting', align: 'right', rank: 4 },
    cell: ({ mailbox }) => (mailbox === undefined ? '' : `${mailbox.messages}/${mailbox.messagesMax}`),
  },
  { title: 'msg/s', align: 'right', rank: 6, cell: ({ messagesPerSecond }) => rateText(messagesPerSecond) },
  {
    ...{ title: 'denied/s', align: 'right', rank: 3 },
    cell: ({ deniedPerSecond }) => rateText(deniedPerSecond),
    style: ({ deniedPerSecond = 0 }) => (deniedPerSecond > 0 ? 'red' : undefined),
  },
  { title: 'restarts', align: 'right', rank: 7, cell: ({ restarts }) => String(restarts) },
]

const whyColumn: FittedColumn<TopRow> = {
  ...{ title: 'why', align: 'left', rank: 8 },
  cell: ({ why = '' }) => printable(why),
}

function percentText(percent: number | undefined): string {
  return percent === undefined ? '' : `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)}%`
}

function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return ''
  return perSecond < 9.95 ? trimmed(perSecond.toFixed(1)) : String(Math.round(perSecond))
}

function trimmed(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text
}
