import type { MessageCounts, MessagesReport } from '@bulkhead/admin'
import { formatBytes, formatDuration } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { counted } from '../wording.js'

export type MessagesFlags = StateFlags & { readonly tenants?: boolean }

/** `bulkhead messages`: mailboxes, rates, refusals and dead letters, a child or a tenant a line. */
export async function messagesCommand(flags: MessagesFlags, session: Session): Promise<number> {
  const found = await atProcess(flags, session, (live) => live.request('messages.stats', {}))
  answer(session.terminal, flags, found, flags.tenants === true ? renderTenants : renderChildren)
  return exitCodes.done
}

const right = (title: string): Column => ({ title, align: 'right' })
const countColumns: readonly Column[] = [
  right('waiting'),
  right('oldest'),
  right('memory'),
  right('lanes'),
  right('out/s'),
  right('in/s'),
  right('published'),
  right('requested'),
  right('handled'),
  right('errors'),
  right('over rate'),
  right('no room'),
  right('dead'),
]

function renderChildren({ children, deadLetters }: MessagesReport, paint: Paint): readonly string[] {
  if (children.length === 0) return ['no child sends or takes messages', ...renderDeadLetters(deadLetters)]
  const rows = children.map((one) => [printable(one.child), ...countsOf(one, paint)])
  return [...table([{ title: 'child', align: 'left' }], rows, paint), ...renderDeadLetters(deadLetters)]
}

function renderTenants({ tenants, deadLetters }: MessagesReport, paint: Paint): readonly string[] {
  const rows = tenants.map((one) => [printable(one.tenant ?? '-'), String(one.children), ...countsOf(one, paint)])
  const columns: readonly Column[] = [{ title: 'tenant', align: 'left' }, right('children')]
  return [...table(columns, rows, paint), ...renderDeadLetters(deadLetters)]
}

function table(first: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): readonly string[] {
  const [head = '', ...body] = renderTable([...first, ...countColumns], rows)
  return [paint('bold', head), ...body]
}

function countsOf(counts: MessageCounts, paint: Paint): readonly string[] {
  const alarming = (count: number): string => (count === 0 ? '0' : paint('yellow', String(count)))
  const { depth, depthMax, oldestMs, memoryBytes, lanes, publishedPerSecond, handledPerSecond } = counts
  return [
    depthMax === 0 ? '-' : `${depth}/${depthMax}`,
    oldestMs === undefined ? '-' : formatDuration(oldestMs),
    formatBytes(memoryBytes),
    String(lanes),
    rateText(publishedPerSecond),
    rateText(handledPerSecond),
    String(counts.published),
    String(counts.requested),
    String(counts.handled),
    alarming(counts.handlerErrors),
    alarming(counts.refusedByRate),
    alarming(counts.refusedByOverload),
    alarming(counts.deadLetters),
  ]
}

/** Rates below ten with one decimal: one message in five seconds is not none. */
function rateText(perSecond: number): string {
  return perSecond === 0 || perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1)
}

function renderDeadLetters({ kept, dropped }: MessagesReport['deadLetters']): readonly string[] {
  if (kept + dropped === 0) return []
  const lost = dropped === 0 ? '' : `, ${counted(dropped, 'older one')} had to make place`
  return [`${counted(kept, 'dead letter')}${lost}: bulkhead deadletters`]
}
