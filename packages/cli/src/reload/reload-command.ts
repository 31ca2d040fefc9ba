import type { ReloadReport } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'

export type ReloadFlags = StateFlags & { readonly dryRun?: boolean }

/**
 * `bulkhead reload`: has the running process read its tree file again.
 *
 * @returns 1 when something cannot change while the tree runs; nothing was changed then
 */
export async function reloadCommand(flags: ReloadFlags, session: Session): Promise<number> {
  const found = await atProcess(flags, session, (live) =>
    live.request('reload', { dryRun: flags.dryRun === true, author: authorOf(session.terminal) }),
  )
  answer(session.terminal, flags, found, renderReload)
  return found.outcome === 'needs-restart' ? exitCodes.failed : exitCodes.done
}

const heads = {
  applied: { style: 'green', text: 'reloaded' },
  planned: { style: 'yellow', text: 'a reload would do this' },
  'needs-restart': { style: 'red', text: 'nothing was changed: this needs a restart of the process' },
} as const

export function renderReload(report: ReloadReport, paint: Paint): readonly string[] {
  const { style, text } = heads[report.outcome]
  if (report.outcome === 'needs-restart') {
    return [
      paint(style, text),
      ...report.needsRestart.map(({ key, where }) => `  ${printable(key)}  ${printable(where)}`),
    ]
  }
  const waiting = (waits: string | undefined): string =>
    waits === undefined ? '' : `; ${paint('yellow', `waits: ${printable(waits)}`)}`
  const lines = [
    ...report.added.map(({ child, waits }) => `  ${paint('green', '+')} ${child}${waiting(waits)}`),
    ...report.removed.map((child) => `  ${paint('red', '-')} ${child}`),
    ...report.changed.map(
      ({ child, what, how, waits }) =>
        `  ${paint('yellow', '~')} ${child}  ${what.join(', ')} (${how === 'restarted' ? 'restarted' : 'while it runs'})${waiting(waits)}`,
    ),
    ...report.around.map(({ name, what }) => `  ${paint('yellow', '~')} ${printable(name)}  ${what.join(', ')}`),
  ]
  const same = report.unchanged.length === 0 ? [] : [`  ${report.unchanged.length} as before`]
  return lines.length === 0 ? ['nothing is other than before'] : [paint(style, text), ...lines, ...same]
}
