import type { LogItem } from '@bulkhead/admin'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { loggedCharactersMax } from '../limits.js'
import { wholeNumber } from '../messages/whole-number.js'
import { printable } from '../printable.js'
import { clockTime } from '../render-event.js'
import { renderLogged } from '../render-logged.js'
import { stopper } from '../stopper.js'
import type { Terminal } from '../terminal.js'
import { counted } from '../wording.js'

export type LogsFlags = StateFlags & { readonly tail?: string; readonly follow?: boolean }

/**
 * `bulkhead logs CHILD`: what a child of the running tree has written last, and with `--follow` what it writes from then on,
 * until a signal or its reader is gone.
 *
 * @throws {BulkheadError} `usage` for a child that is none.
 */
export async function logsCommand(child: string, flags: LogsFlags, session: Session): Promise<number> {
  const { terminal } = session
  const about = { what: 'a number of records', hint: 'a whole number from 1 to 1000', max: 1_000 }
  const tail = flags.tail === undefined ? {} : { tail: wholeNumber(flags.tail, about) }
  return atProcess(flags, session, async (live) => {
    const items = live.stream('logs', { child, follow: flags.follow === true, ...tail })
    const stop = stopper(terminal, () => void items.return?.())
    try {
      for await (const item of items) await print(item, flags, terminal)
    } finally {
      stop.close()
    }
    return exitCodes.done
  })
}

/** Nothing more is taken before this was: who reads slowly is told what was left out. */
async function print(item: LogItem, flags: LogsFlags, { stdout, stderr }: Terminal): Promise<void> {
  if (flags.json === true) {
    const line = item.kind === 'record' ? item.record : { missed: item.count }
    return stdout.pipe(Buffer.from(`${jsonText(line)}\n`))
  }
  if (item.kind === 'missed') {
    return stderr.write(`${stderr.paint('yellow', `${counted(item.count, 'record')} missed`)}\n`)
  }
  const { record } = item
  const text =
    record.stream === 'logging' ? renderLogged(record, stdout.paint) : printable(record.message, loggedCharactersMax)
  const mark = record.stream === 'stderr' ? stdout.paint('red', '!') : '│'
  return stdout.pipe(Buffer.from(`${stdout.paint('dim', clockTime(record.time))} ${mark} ${text}\n`))
}
