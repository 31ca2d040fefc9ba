import type { ReaderOptions } from '@bulkhead/mailbox'
import { wireFromUnknown } from '@bulkhead/vocabulary'
import type { MailboxId, MessageEvent } from '../message-protocol.js'

type ReaderPowers = {
  readonly now: () => bigint
  readonly post: (event: MessageEvent) => void
  readonly refresh: () => void
}

/** How a worker reads a mailbox: what it cannot hand on it tells the host. */
export function readerOptions(mailbox: MailboxId, { now, post, refresh }: ReaderPowers): ReaderOptions {
  return {
    now,
    refresh,
    onRefused: (refused) => post({ kind: 'refused-message', mailbox, refused }),
    onBreach: ({ lane, sender, error }) =>
      post({ kind: 'breach', mailbox, breach: { lane, sender, error: wireFromUnknown(error) } }),
  }
}
