import type { ReaderOptions } from '@bulkhead/mailbox'
import { wireFromUnknown } from '@bulkhead/vocabulary'
import type { MailboxId, MessageEvent } from '../message-protocol.js'
import type { LetterBudget } from './letter-budget.js'

type ReaderPowers = {
  readonly now: () => bigint
  readonly post: (event: MessageEvent) => void
  readonly refresh: () => void
  /** Of what is told about messages that are not handed on. */
  readonly letters: LetterBudget
  /** Blocks the thread; absent on the host's own, where what is told waits in no queue. */
  readonly sleep?: ((ms: number) => void) | undefined
}

/**
 * How a worker reads a mailbox: what it cannot hand on it tells the host. Whoever sends it more of that than the host is to
 * keep, as requests whose time is over at once, fills the mailbox, and is told so.
 */
export function readerOptions(mailbox: MailboxId, { now, post, refresh, letters, sleep }: ReaderPowers): ReaderOptions {
  return {
    now,
    refresh,
    onRefused: (refused) => {
      const waitMs = letters.owe(refused.delivery.body.length)
      if (waitMs > 0) sleep?.(waitMs)
      post({ kind: 'refused-message', mailbox, refused })
    },
    onBreach: ({ lane, sender, error }) =>
      post({ kind: 'breach', mailbox, breach: { lane, sender, error: wireFromUnknown(error) } }),
  }
}
