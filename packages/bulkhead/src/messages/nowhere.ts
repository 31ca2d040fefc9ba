import type { MessagesBegin } from '@bulkhead/actor'
import { buildRoutingTable, Mailbox } from '@bulkhead/mailbox'
import type { Exchange } from './exchange.js'
import { hasMailbox, type MessageRole } from './message-member.js'

/** For somebody who is only tried: mailboxes that nobody sends to, a table by which nobody is reached, a rate of nothing. */
export function nowhere(exchange: Exchange, role: MessageRole): MessagesBegin {
  const mailbox = () => ({ id: exchange.reserveNumber(), reader: new Mailbox().readerMemory() })
  return {
    mailbox: hasMailbox(role) ? mailbox() : undefined,
    inbox: role.sends ? mailbox() : undefined,
    routing: buildRoutingTable({ version: 0, receivers: [], subscriptions: [] }),
    outboundRate: exchange.rates.nothing(),
    inboundRate: undefined,
    functions: role.functions,
  }
}
