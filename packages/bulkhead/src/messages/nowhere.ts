import type { MessagesBegin } from '@bulkhead/actor'
import { buildRoutingTable, Mailbox } from '@bulkhead/mailbox'
import type { Exchange } from './exchange.js'
import type { MessageRole } from './message-member.js'

/** For somebody who is only tried: mailboxes that nobody sends to, a table by which nobody is reached, a rate of nothing. */
export function nowhere(exchange: Exchange, { handles, sends }: MessageRole): MessagesBegin {
  const mailbox = () => ({ id: exchange.reserveNumber(), reader: new Mailbox().readerMemory() })
  return {
    mailbox: handles ? mailbox() : undefined,
    inbox: sends ? mailbox() : undefined,
    routing: buildRoutingTable({ version: 0, receivers: [], subscriptions: [] }),
    outboundRate: exchange.rates.nothing(),
    inboundRate: undefined,
  }
}
