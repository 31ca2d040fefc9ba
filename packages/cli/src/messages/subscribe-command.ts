import type { SubscriptionItem } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { jsonBytes, shownBytes } from '../byte-text.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { bodyShownCharactersMax } from '../limits.js'
import { printable } from '../printable.js'
import { clockTime } from '../render-event.js'
import { stopper } from '../stopper.js'
import type { Terminal } from '../terminal.js'
import { counted } from '../wording.js'
import { bytesOfBody } from './body.js'
import { wholeNumber } from './whole-number.js'

export type SubscribeFlags = StateFlags & { readonly count?: string; readonly raw?: boolean }

/**
 * `bulkhead subscribe PATTERN`: prints messages as they come, until a signal, the `--count`th, or its reader is gone.
 *
 * @throws {BulkheadError} `runtime-unreachable` when the process ends first.
 */
export async function subscribeCommand(pattern: string, flags: SubscribeFlags, session: Session): Promise<number> {
  const { terminal } = session
  const wanted = flags.count === undefined ? Number.POSITIVE_INFINITY : countOf(flags.count)
  return atProcess(flags, session, async (live) => {
    const items = live.stream('messages.subscribe', { pattern })
    const stop = stopper(terminal, () => void items.return?.())
    let messages = 0
    try {
      for await (const item of items) {
        await print(item, pattern, flags, terminal)
        if (item.kind === 'message') messages++
        if (messages >= wanted) return exitCodes.done
      }
    } finally {
      stop.close()
    }
    if (stop.asked()) return exitCodes.done
    throw new BulkheadError('runtime-unreachable', 'the running process ended the subscription', {
      hint: 'it is stopping; subscribe again when it runs',
    })
  })
}

/** Nothing more is taken before this was: who reads slowly is told what the process left out. */
async function print(
  item: SubscriptionItem,
  pattern: string,
  flags: SubscribeFlags,
  terminal: Terminal,
): Promise<void> {
  const { stdout, stderr } = terminal
  const put = (bytes: Uint8Array): Promise<void> => stdout.pipe(bytes)
  if (flags.json === true) return put(Buffer.from(`${jsonText(jsonItem(item, pattern))}\n`))
  if (item.kind === 'subscribed') return stderr.write(`subscribed to \`${printable(pattern)}\`\n`)
  if (item.kind === 'missed') {
    const what = `${counted(item.count, 'message')} missed: they came faster than they were read`
    return stderr.write(`${stderr.paint('yellow', what)}\n`)
  }
  const bytes = bytesOfBody(item.body)
  if (flags.raw === true && !stdout.isTerminal) return put(Buffer.concat([bytes, Buffer.from('\n')]))
  const { paint } = stdout
  const from = paint('cyan', printable(item.from))
  const time = paint('dim', clockTime(item.sentAt))
  const body = shownBytes(bytes, bodyShownCharactersMax)
  return put(Buffer.from(flags.raw === true ? `${body}\n` : `${time} ${printable(item.topic)}  ${from}  ${body}\n`))
}

function jsonItem(item: SubscriptionItem, pattern: string): object {
  if (item.kind === 'subscribed') return { ...item, pattern }
  if (item.kind === 'missed') return item
  const { body, ...facts } = item
  return { ...facts, ...jsonBytes(bytesOfBody(body)) }
}

function countOf(text: string): number {
  const about = { what: 'a number of messages', hint: 'a whole number from 1', max: Number.MAX_SAFE_INTEGER }
  return wholeNumber(text, about)
}
