import { cell, SharedCells } from '@bulkhead/lane'
import { compileLaneFilter, type LaneFilter } from './lane-filter.js'
import { Mailbox, type OpenedLane } from './mailbox.js'
import type { MailboxOptions } from './mailbox-options.js'
import { type Breach, MailboxReader, type ReaderOptions, type Refused } from './mailbox-reader.js'
import type { Delivery, Message, Sender } from './message.js'
import type { Outlet, SendOutcome } from './outlet.js'
import { MessageEncoder } from './record-encoder.js'
import type { TopicAuthority } from './topic-authority.js'

/** A ring of 4 KiB takes 1,020 bytes of record; what is larger goes through an arena of 8 KiB. */
export const smallMailbox: MailboxOptions = { laneBytes: 4096, messageBytesMax: 2000, lanesMax: 16, messagesMax: 256 }

export const sender = (id: string, incarnation = 1): Sender => ({ id, incarnation })

export function everything(...patterns: string[]): TopicAuthority {
  return { layers: [patterns], operator: [], deny: [] }
}

export const openFilter: LaneFilter = compileLaneFilter({
  version: 1,
  publish: everything('>'),
  subscribe: everything('>'),
})

export function open(mailbox: Mailbox, id = 'sender', filter = openFilter): OpenedLane {
  const opened = mailbox.openLane(sender(id), filter, 0n)
  if (opened === undefined) throw new Error('no place for a lane')
  return opened
}

/** The same with its arena. */
export function openWithArena(mailbox: Mailbox, id = 'sender'): OpenedLane {
  const opened = open(mailbox, id)
  const arena = mailbox.openArena(opened.inlet.lane)
  return { inlet: { ...opened.inlet, arena }, outlet: { ...opened.outlet, arena } }
}

/** Moves a lane that nobody has used to where its positions are about to wrap. */
export function moveTo(lane: OpenedLane, position: number): void {
  const cells = new SharedCells(lane.inlet.ring)
  cells.store(cell.head, position)
  cells.store(cell.tail, position)
}

export function bodyOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7) & 0xff)
}

export function message(body: Uint8Array | number, more: Partial<Message> = {}): Message {
  return { subject: 'orders.new', body: typeof body === 'number' ? bodyOf(body, 1) : body, sentAtNs: 5n, ...more }
}

const encoder = new MessageEncoder()

export function send(outlet: Outlet, body: Uint8Array | number, more: Partial<Message> = {}): SendOutcome {
  return outlet.send(encoder.encode(message(body, more)))
}

export type Watched = { readonly reader: MailboxReader; readonly refused: Refused[]; readonly breaches: Breach[] }

export function readerOptions(
  more: Partial<ReaderOptions> = {},
): ReaderOptions & Pick<Watched, 'refused' | 'breaches'> {
  const refused: Refused[] = []
  const breaches: Breach[] = []
  return {
    now: () => 100n,
    onRefused: (one) => refused.push(one),
    onBreach: (one) => breaches.push(one),
    refused,
    breaches,
    ...more,
  }
}

export function watch(mailbox: Mailbox, more: Partial<ReaderOptions> = {}): Watched {
  const options = readerOptions(more)
  return { ...options, reader: new MailboxReader(mailbox.readerMemory(), options) }
}

export function takeAll(reader: MailboxReader): Delivery[] {
  const taken: Delivery[] = []
  for (let delivery = reader.take(); delivery !== undefined; delivery = reader.take()) {
    taken.push(delivery)
    reader.finish()
  }
  return taken
}

export function makeMailbox(more: MailboxOptions = {}): Mailbox {
  return new Mailbox({ ...smallMailbox, ...more })
}
