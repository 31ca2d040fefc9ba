import type { MailboxId, MessagesToWorker } from '@bulkhead/actor'
import { Mailbox, type MailboxOptions, type MessageEncoder, type OpenedLane, Outlet } from '@bulkhead/mailbox'
import type { MessageMember, MessageRun } from './message-member.js'

/** Whoever reads a mailbox now, and so is told of its lanes: a worker, or the host itself. */
export type BoxReader = { readonly post: (message: MessagesToWorker) => void }

/** Whom a mailbox is for. By this it is decided who may have a lane to it, and what may pass. */
export type BoxPurpose =
  | { readonly kind: 'mailbox'; readonly member: MessageMember }
  /** For answers to one incarnation. */
  | { readonly kind: 'inbox'; readonly run: MessageRun }
  | { readonly kind: 'host-mailbox' }
  /** For answers to the host. */
  | { readonly kind: 'host-inbox'; readonly asked: ReadonlySet<string> }

/** The end of one incarnation's lane. `target`: the mailbox as that one names it, which may be another's forwarder. */
export type LaneUser = { readonly run: MessageRun; readonly target: MailboxId }

/** A mailbox with its number, its reader and those who send to it: the host's whole knowledge of it. */
export class PostBox {
  readonly id: MailboxId
  readonly purpose: BoxPurpose
  readonly mailbox: Mailbox
  /** Nobody reads it: what is accepted waits within its bounds. */
  reader: BoxReader | undefined
  /** Called when something may have come, or a way by which it can, while nobody reads. */
  onMail: () => void = () => {}
  /** By lane; the host's own is not in it. */
  readonly users = new Map<number, LaneUser>()
  #host: { readonly lane: number; readonly outlet: Outlet } | undefined
  /** Lanes that lay idle, whose senders were asked for them. */
  readonly #askedBack = new Set<number>()

  constructor(id: MailboxId, purpose: BoxPurpose, options: MailboxOptions = {}) {
    this.id = id
    this.purpose = purpose
    this.mailbox = new Mailbox(options)
  }

  /** A lane was made for somebody. ORDER: the reader is told before the sender is, who may use it at once. */
  welcome(lane: OpenedLane, user: LaneUser): void {
    this.users.set(lane.inlet.lane, user)
    this.reader?.post({ kind: 'inlet', mailbox: this.id, inlet: lane.inlet })
    if (this.reader === undefined) this.onMail()
  }

  /** The arena of a lane, made if there is place; the reader knows of it then. */
  arenaOf(lane: number): SharedArrayBuffer | undefined {
    const arena = this.mailbox.openArena(lane)
    if (arena !== undefined) this.reader?.post({ kind: 'inlet-arena', mailbox: this.id, lane, arena })
    return arena
  }

  /** Takes a lane away with all that is in it. */
  condemn(lane: number): LaneUser | undefined {
    const user = this.users.get(lane)
    if (user === undefined && this.#host?.lane !== lane) return undefined
    this.mailbox.condemn(lane)
    this.#forget(lane)
    if (this.#host?.lane === lane) this.#host = undefined
    this.reader?.post({ kind: 'inlet-ended', mailbox: this.id, lane })
    return user
  }

  /** Ends lanes that are closed and empty; of those that lie idle the answer is who could give them back, once each. */
  sweep(nowNs: bigint): readonly LaneUser[] {
    const idle = this.#sweep(nowNs)
    if (this.#host !== undefined && idle.includes(this.#host.lane)) {
      this.#host.outlet.close()
      this.#host = undefined
      // Closed and empty: it ends at once, so that the next one may be opened at any time.
      this.#sweep(nowNs)
    }
    // Once: a sender that sleeps has not heard it yet, and would take a second one for the answer to what it asks next.
    const unasked = idle.filter((lane) => !this.#askedBack.has(lane))
    for (const lane of unasked) this.#askedBack.add(lane)
    return unasked.flatMap((lane) => this.users.get(lane) ?? [])
  }

  #forget(lane: number): void {
    this.users.delete(lane)
    this.#askedBack.delete(lane)
  }

  #sweep(nowNs: bigint): readonly number[] {
    const { ended, idle } = this.mailbox.sweep(nowNs)
    for (const lane of ended) {
      this.#forget(lane)
      this.reader?.post({ kind: 'inlet-ended', mailbox: this.id, lane })
    }
    return idle
  }

  /** Sends on the host's own lane: for the host, or for the sender that the message names. */
  send(message: MessageEncoder, nowNs: bigint): 'sent' | 'overloaded' {
    const { lane, outlet } = this.#hostLane(nowNs)
    let outcome = outlet.send(message)
    if (outcome === 'arena-missing') {
      // There is always place for the arena of the host's lane.
      const arena = this.arenaOf(lane)
      if (arena !== undefined) outlet.attachArena(arena)
      outcome = outlet.send(message)
    }
    // Its reader has closed or torn it: the next message gets another one.
    if (outcome === 'closed' || outcome === 'corrupt') this.condemn(lane)
    if (outcome === 'sent' && this.reader === undefined) this.onMail()
    return outcome === 'sent' ? 'sent' : 'overloaded'
  }

  /** Whether somebody can send to it without asking for a lane first. */
  get hasLanes(): boolean {
    return this.users.size > 0 || this.#host !== undefined
  }

  /** How many messages of the host wait here. */
  hostDepth(nowNs: bigint): number {
    return this.#hostLane(nowNs).outlet.depth()
  }

  #hostLane(nowNs: bigint): { readonly lane: number; readonly outlet: Outlet } {
    if (this.#host !== undefined) return this.#host
    const { inlet, outlet } = this.mailbox.openHostLane(nowNs)
    this.reader?.post({ kind: 'inlet', mailbox: this.id, inlet })
    this.#host = { lane: inlet.lane, outlet: new Outlet(outlet) }
    return this.#host
  }
}
