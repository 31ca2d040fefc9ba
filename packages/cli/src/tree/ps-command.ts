import type { ChildStatus, SupervisorStatus, TreeReport } from '@bulkhead/admin'
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
  left('level'),
  right('score'),
  right('for'),
  right('incarnation'),
  right('restarts'),
  right('memory'),
  right('waiting'),
  right('requests'),
  left('trust'),
  left('why, and what is next'),
]
/** Where requests stand: shown only where there were any. */
const requestsAt = 10

const stateStyles: Readonly<Partial<Record<string, Style>>> = {
  running: 'green',
  waiting: 'yellow',
  backoff: 'yellow',
  quarantined: 'red',
  failed: 'red',
  zombie: 'red',
  dormant: 'dim',
  held: 'yellow',
  stopped: 'dim',
}

const healthStyles = { healthy: undefined, degraded: 'yellow', failed: 'red' } as const

/** @param nowMs wall clock: ages and what is left until something happens are counted from it */
export function renderTree({ children, tree }: TreeReport, paint: Paint, nowMs: number): readonly string[] {
  const byName = new Map(children.map((child) => [child.child, child]))
  const rows = rowsBelow(tree, byName, isNested(tree) ? 0 : -1, paint, nowMs)
  const isAsked = children.some(({ http }) => http !== undefined)
  const shown = <T>(cells: readonly T[]): readonly T[] => cells.filter((_, at) => isAsked || at !== requestsAt)
  const [head = '', ...body] = renderTable(shown(columns), rows.map(shown))
  return [paint('bold', head), ...body]
}

/** Whether there is anything to see of the supervisors: a root that only has children needs no row. */
function isNested({ children, health, isPool }: SupervisorStatus): boolean {
  return isPool || health !== 'healthy' || children.some((member) => typeof member !== 'string')
}

/** A supervisor and all below it, each a step further in. `depth` -1: without a row of its own. */
function rowsBelow(
  supervisor: SupervisorStatus,
  children: ReadonlyMap<string, ChildStatus>,
  depth: number,
  paint: Paint,
  nowMs: number,
): readonly (readonly string[])[] {
  const own = depth < 0 ? [] : [supervisorRow(supervisor, depth, paint, nowMs)]
  const below = supervisor.children.flatMap((member) => {
    if (typeof member !== 'string') return rowsBelow(member, children, depth + 1, paint, nowMs)
    const child = children.get(member)
    if (child === undefined) return []
    const [name = '', ...cells] = rowOf(child, paint, nowMs)
    return [[indented(name, depth + 1), ...cells]]
  })
  return [...own, ...below]
}

function supervisorRow(found: SupervisorStatus, depth: number, paint: Paint, nowMs: number): readonly string[] {
  const { supervisor, state, health, since, strategy, profile, isPool, restartsLeft, why, children } = found
  const style = healthStyles[health]
  const what = isPool ? `pool of ${children.length}` : strategy
  const left = restartsLeft === undefined ? '' : `(${restartsLeft} left)`
  const kind = profile === 'default' ? what : `${what}, ${profile}`
  const story = why === undefined ? kind : `${kind}; ${printable(why)}`
  const name = indented(paint('bold', printable(supervisor)), depth)
  return [
    name,
    state,
    style === undefined ? health : paint(style, health),
    '',
    '',
    formatAge(nowMs - since),
    '',
    left,
    '',
    '',
    '',
    '',
    story,
  ]
}

function indented(name: string, depth: number): string {
  return `${'  '.repeat(Math.max(0, depth))}${name}`
}

function rowOf(child: ChildStatus, paint: Paint, nowMs: number): readonly string[] {
  const { state, health, memory, mailbox } = child
  const style = stateStyles[state]
  return [
    printable(child.child),
    style === undefined ? printable(state) : paint(style, state),
    health === 'degraded' ? paint('yellow', health) : (health ?? ''),
    child.level === 'thread' ? child.level : paint('yellow', printable(child.level)),
    child.score === 0 ? '' : String(child.score),
    formatAge(nowMs - child.since),
    String(child.incarnation),
    `${child.restarts} (${child.restartsLeft} left)`,
    memory === undefined ? '' : `${formatBytes(memory.bytes)}/${formatBytes(memory.maxBytes)}`,
    mailbox === undefined ? '' : `${mailbox.messages}/${mailbox.messagesMax}`,
    requestsOf(child),
    child.approval === 'bypassed' ? paint('yellow', 'dev mode') : child.trust,
    storyOf(child, nowMs),
  ]
}

/** `120 served, 3 failed, 2 now` */
function requestsOf({ http }: ChildStatus): string {
  if (http === undefined) return ''
  const { served, failed, refused, inFlight } = http
  const others = Object.entries({ failed, refused, now: inFlight }).filter(([, count]) => count > 0)
  return [`${served} served`, ...others.map(([what, count]) => `${count} ${what}`)].join(', ')
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
