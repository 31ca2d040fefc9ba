// Who wakes a member that sleeps. Senders write into its mailbox from their own threads, where the host sees nothing of it,
// so that somebody has to listen while nobody reads: the bell of the mailbox is waited for without blocking a thread.
//
// A mailbox without lanes cannot be written to without the host, which makes the lane and so begins to listen, or sends
// by itself and so looks: a member that nobody ever wrote to costs no listener.

import type { DormancyPort } from '@bulkhead/supervisors'
import type { PostBox } from '../messages/post-box.js'

export class MailWatch implements DormancyPort {
  readonly #boxOf: () => PostBox | undefined
  readonly #listeners = new Set<() => void>()
  /** Whose bell is listened to. */
  #heardBox: PostBox | undefined

  constructor(boxOf: () => PostBox | undefined) {
    this.#boxOf = boxOf
  }

  readonly isWanted = (): boolean => {
    const box = this.#boxOf()
    if (box === undefined) return false
    if (box.mailbox.hasMail) return true
    this.#listen(box)
    return box.mailbox.hasMail
  }

  readonly onWanted = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Something may have come, or a lane by which it can. */
  look(): void {
    const box = this.#boxOf()
    if (box === undefined || box.reader !== undefined || this.#listeners.size === 0) return
    if (this.isWanted()) for (const listener of [...this.#listeners]) listener()
  }

  /** Somebody reads from now on. What still listens is let go. */
  rest(): void {
    if (this.#heardBox === undefined) return
    this.#heardBox.mailbox.wake()
    this.#heardBox = undefined
  }

  #listen(box: PostBox): void {
    if (box.reader !== undefined || !box.hasLanes) return
    const rung = box.mailbox.awaitMail()
    // One that waits already is woken by the same bell.
    if (rung === undefined || this.#heardBox === box) return
    this.#heardBox = box
    void rung.then(() => {
      if (this.#heardBox === box) this.#heardBox = undefined
      this.look()
    })
  }
}
