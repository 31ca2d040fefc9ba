import type { MailboxId } from '../message-protocol.js'
import type { RandomPool } from './random-pool.js'

const tokenBytes = 16
const issued = /^_inbox\.([1-9]\d{0,14})\.[\w-]{22}$/

/** A topic that nobody else can guess, on which one answer may come to an inbox (SPEC 10). */
export function newReplyTopic(inbox: MailboxId, random: RandomPool): string {
  const { buffer, byteOffset } = random.take(tokenBytes)
  return `_inbox.${inbox}.${Buffer.from(buffer, byteOffset, tokenBytes).toString('base64url')}`
}

/** The inbox of a reply topic; `undefined` for what is none. */
export function inboxOf(topic: string): MailboxId | undefined {
  const id = issued.exec(topic)?.[1]
  return id === undefined ? undefined : Number(id)
}
