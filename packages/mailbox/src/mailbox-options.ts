import { BulkheadError } from '@bulkhead/vocabulary'

export type MailboxOptions = {
  /** The most bytes of one body. */
  readonly messageBytesMax?: number
  readonly messagesMax?: number
  /** What rings and arenas may have together; raised to what the host's lane and a few others need. */
  readonly bytesMax?: number
  readonly laneBytes?: number
  readonly lanesMax?: number
}

/** @throws {BulkheadError} `usage` when it is none. */
export function checkBound(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new BulkheadError('usage', `\`${value}\` is no \`${name}\` of a mailbox`, { hint: `${min} to ${max}` })
}
