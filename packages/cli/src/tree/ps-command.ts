import type { ChildStatus, TreeReport } from '@bulkhead/admin'
import { formatAge, formatBytes } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint, Style } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { instantText } from '../wording.js'

/** `bulkhead ps`: how each child of the running tree stands, why, and what happens to it next. */
export async function psCommand(
  flags: StateFlags,
  session: Session,
  nowMs: () => number = () => Date.now(),
): Promise<number> {
  const found = await atProcess(flags, session, (live) => live.request('tree', {}))
  answer(session.terminal, flags, found, (tree, paint) => renderTree(tree, paint, nowMs()))
  return exitCodes.done
}

const left = (title: string): Column => ({ title, align: 'left' })
const right = (title: string): Column => ({ title, align: 'right' })
const columns: readonly Column[] = [
  left('child'),
  left('state'),
  left('health'),
  right('for'),
  right('incarnation'),
  right('restarts'),
  right('memory'),
  right('waiting'),
  left('trust'),
  left('why, and what is next'),
]

const stateStyles: Readonly<Partial<Record<string, Style>>> = {
  running: 'green',
  waiting: 'yellow',
  backoff: 'yellow',
  quarantined: 'red',
  failed: 'red',
  zombie: 'red',
}

/** @param nowMs wall clock: ages and what is left until something happens are counted from it */
export function renderTree({ children }: TreeReport, paint: Paint, nowMs: number): readonly string[] {
  const rows = children.map((child) => rowOf(child, paint, nowMs))
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body]
}

function rowOf(child: ChildStatus, paint: Paint, nowMs: number): readonly string[] {
  const { state, health, memory, mailbox } = child
  const style = stateStyles[state]
  return [
    printable(child.child),
    style === undefined ? printable(state) : paint(style, state),
    health === 'degraded' ? paint('yellow', health) : (health ?? ''),
    formatAge(nowMs - child.since),
    String(child.incarnation),
    `${child.restarts} (${child.restartsLeft} left)`,
    memory === undefined ? '' : `${formatBytes(memory.bytes)}/${formatBytes(memory.maxBytes)}`,
    mailbox === undefined ? '' : `${mailbox.messages}/${mailbox.messagesMax}`,
    child.approval === 'bypassed' ? paint('yellow', 'dev mode') : child.trust,
    storyOf(child, nowMs),
  ]
}

function storyOf({ why, next }: ChildStatus, nowMs: number): string {
  const parts = why === undefined ? [] : [printable(why)]
  if (next !== undefined) parts.push(`${printable(next.what)}${whenText(next.at, nowMs)}`)
  return parts.join('; ')
}

/** What is hours away is looked up in a calendar, not counted down. */
function whenText(at: number | undefined, nowMs: number): string {
  if (at === undefined) return ''
  return at - nowMs < 3_600_000 ? ` in ${formatAge(at - nowMs)}` : ` at ${instantText(at)}`
}
