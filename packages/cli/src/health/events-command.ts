import type { HealthStreamItem } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Session } from '../desk/session.js'
import { type StateFlags, stateDirectoryOf } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { printable } from '../printable.js'
import { renderEvent } from '../render-event.js'
import { stopper } from '../stopper.js'
import type { Terminal } from '../terminal.js'
import { counted } from '../wording.js'
import { EventFeed, type FeedItem } from './event-feed.js'
import { typesOf } from './event-types.js'

export type EventsFlags = StateFlags & {
  readonly follow?: boolean
  readonly after?: string
  readonly type: readonly string[]
  readonly child?: string
  readonly cloudevents?: boolean
}

/** Turns what came into the bytes of a line; `undefined`: it is only said to people. */
type Printer = (item: FeedItem) => string | undefined

/**
 * `bulkhead events`: the health events that the running process keeps, and with `--follow` those that come, also after it
 * was started again, until a signal or its reader is gone.
 *
 * @throws {BulkheadError} `usage` for a type that is none.
 */
export async function eventsCommand(flags: EventsFlags, session: Session): Promise<number> {
  const { terminal, openLive } = session
  if (flags.json === true && flags.cloudevents === true) {
    throw new BulkheadError('usage', '--json and --cloudevents are two forms of the same lines', { hint: 'give one' })
  }
  const directory = await stateDirectoryOf(flags, terminal)
  const feed = new EventFeed(() => openLive(directory), {
    follow: flags.follow === true,
    ...(flags.after === undefined ? {} : { after: checkedCursor(flags.after) }),
    ...(flags.type.length === 0 ? {} : { types: typesOf(flags.type) }),
    ...(flags.child === undefined ? {} : { child: flags.child }),
  })
  const print = await printerOf(flags, terminal)
  const stop = stopper(terminal, () => feed.leave())
  try {
    // Nothing more is taken before this was: who reads slowly is told what it missed.
    for await (const item of feed.items()) {
      const line = print(item)
      if (line === undefined) remark(item, terminal)
      else await terminal.stdout.pipe(Buffer.from(`${line}\n`))
    }
  } finally {
    stop.close()
  }
  return stop.asked() ? stop.exitCode() : exitCodes.done
}

/** What it means is the process's to say; what cannot be one is a slip of the hand. */
function checkedCursor(text: string): string {
  if (/^[0-9a-f]+-[0-9]+$/.test(text) && text.length <= 64) return text
  throw new BulkheadError('usage', `\`${printable(text)}\` is no cursor`, {
    hint: 'as an event has it: `bulkhead events --json` shows them',
  })
}

async function printerOf(flags: EventsFlags, { stdout }: Terminal): Promise<Printer> {
  if (flags.cloudevents === true) {
    const { toCloudEvent } = await import('bulkhead')
    return (item) => (item.kind === 'event' ? jsonText(toCloudEvent(item.event, runtimeOf(item.cursor))) : undefined)
  }
  if (flags.json === true) return jsonLine
  return (item) => (item.kind === 'event' ? renderEvent(item.event, stdout.paint) : undefined)
}

function runtimeOf(cursor: string): string {
  return cursor.slice(0, cursor.indexOf('-'))
}

/** As `bulkhead run --log json` has it, with the cursor. */
function jsonLine(item: FeedItem): string | undefined {
  if (item.kind === 'event') return jsonText({ record: 'health', cursor: item.cursor, ...item.event })
  if (item.kind !== 'missed') return undefined
  const { kind, ...missed } = item
  return jsonText({ record: kind, ...missed })
}

function remark(item: FeedItem, { stderr }: Terminal): void {
  const text = remarkOn(item)
  if (text !== undefined) stderr.write(`${stderr.paint('yellow', text)}\n`)
}

function remarkOn(item: FeedItem): string | undefined {
  if (item.kind === 'gone') return 'the running process has ended; waiting for it to start again'
  return item.kind === 'missed' ? whatWasMissed(item) : undefined
}

function whatWasMissed({ count, why, cursor }: Extract<HealthStreamItem, { readonly kind: 'missed' }>): string {
  const events = counted(count, 'event')
  switch (why) {
    case 'too-old':
      return `${events} missed: too old to be kept`
    case 'too-slow':
      return `${events} missed: they came faster than they were read`
    case 'other-runtime': {
      const lost = count === 0 ? '' : `; ${events} of it missed`
      return `another runtime (${runtimeOf(cursor)}): what the one before did last is not known${lost}`
    }
  }
}
