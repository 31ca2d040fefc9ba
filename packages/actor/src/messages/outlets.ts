import { Outlet } from '@bulkhead/mailbox'
import { refusedOutletsMax } from '../limits.js'
import type { MailboxId, MessageEvent, MessagesToWorker } from '../message-protocol.js'

/** The way to one mailbox: asked of the host, refused by it since nobody is there, without a place for now, or there. */
type Way = 'asked' | 'refused' | 'full' | OpenWay

/** The end of a lane that the guest writes. */
export type OpenWay = {
  readonly outlet: Outlet
  /** The most bytes of a body that goes this way. */
  readonly messageBytesMax: number
  arena: 'unasked' | 'asked' | 'there'
}

/** The lanes that one guest sends by, one for each mailbox that it has something for. */
export class Outlets {
  readonly #post: (event: MessageEvent) => void
  readonly #ways = new Map<MailboxId, Way>()
  #refused = 0

  constructor(post: (event: MessageEvent) => void) {
    this.#post = post
  }

  /** The lane to a mailbox, or why there is none now; the host is asked for it when it was not yet. */
  want(mailbox: MailboxId): Way {
    const way = this.#ways.get(mailbox)
    if (way !== undefined) return way
    this.#ways.set(mailbox, 'asked')
    this.#post({ kind: 'outlet-wanted', mailbox })
    // Where the host is in the same thread, it has answered by now.
    return this.#ways.get(mailbox) ?? 'asked'
  }

  /** How many of the guest's messages wait in a mailbox. */
  depth(mailbox: MailboxId): number {
    const way = this.#ways.get(mailbox)
    return typeof way === 'object' ? way.outlet.depth() : 0
  }

  /** Asks for a place for large bodies, once. */
  wantArena(mailbox: MailboxId, way: OpenWay): void {
    if (way.arena !== 'unasked') return
    way.arena = 'asked'
    this.#post({ kind: 'arena-wanted', mailbox })
  }

  /** A message was told that there is no place: the next one asks again. */
  forgetFull(mailbox: MailboxId): void {
    this.#ways.delete(mailbox)
  }

  /** The lane has ended: the next message asks for another. */
  forget(mailbox: MailboxId): void {
    this.#ways.delete(mailbox)
    this.#post({ kind: 'outlet-closed', mailbox })
  }

  /** Its receiver has left the lane as it cannot be. */
  accuse(mailbox: MailboxId, reason: string): void {
    this.#ways.delete(mailbox)
    this.#post({ kind: 'outlet-corrupt', mailbox, reason })
  }

  /** Who was nobody by the rules before may be somebody by the newer ones. */
  askAgain(): void {
    if (this.#refused === 0) return
    for (const [mailbox, way] of this.#ways) if (way === 'refused') this.#ways.delete(mailbox)
    this.#refused = 0
  }

  /** What the host has posted about lanes that this guest writes. */
  take(message: Extract<MessagesToWorker, { readonly kind: 'outlet' | 'outlet-arena' }>): void {
    const { mailbox } = message
    const way = this.#ways.get(mailbox)
    if (message.kind === 'outlet-arena') {
      if (typeof way !== 'object') return
      if (message.arena === undefined) this.#giveUp(mailbox, way)
      else {
        way.outlet.attachArena(message.arena)
        way.arena = 'there'
      }
    } else if (message.outlet === 'full') {
      this.#ways.set(mailbox, 'full')
    } else if (message.outlet !== undefined) {
      const { outlet } = message
      this.#ways.set(mailbox, { outlet: new Outlet(outlet), messageBytesMax: outlet.messageBytesMax, arena: 'unasked' })
    } else if (typeof way === 'object') {
      // It lies idle, and others want its place.
      this.#giveUp(mailbox, way)
    } else if (way === 'asked') {
      this.#refuse(mailbox)
    }
  }

  #giveUp(mailbox: MailboxId, way: OpenWay): void {
    way.outlet.close()
    this.forget(mailbox)
  }

  #refuse(mailbox: MailboxId): void {
    if (this.#refused >= refusedOutletsMax) this.askAgain()
    this.#ways.set(mailbox, 'refused')
    this.#refused += 1
  }
}
