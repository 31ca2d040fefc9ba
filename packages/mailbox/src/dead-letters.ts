import type { RefusalReason } from './inlet.js'
import { deadLetterBytesMax, deadLettersMax } from './limits.js'
import type { Delivery, Message } from './message.js'

/** Why a message was accepted, or asked for, and yet not processed (SPEC 10). */
export type DeadLetterReason = RefusalReason | 'no-subscriber' | 'lost-in-crash' | 'poison'

export type DeadLetter = {
  /** Names the letter for as long as the process runs. */
  readonly id: number
  readonly reason: DeadLetterReason
  /** The child whose mailbox it was in; `undefined` when nobody was there to receive it. */
  readonly receiver: string | undefined
  /** Which mailbox it lay in: with lane and position it names the message. Absent when it lay in none. */
  readonly mailbox?: number
  readonly message: Delivery | Message
  readonly atMs: number
}

/**
 * The dead letters of a runtime, with their bodies: the newest `deadLettersMax`, of at most `deadLetterBytesMax`.
 */
export class DeadLetters {
  readonly #letters = new Map<number, DeadLetter>()
  /** Of each lane the position that was reported last: a reader that was killed while reporting does it again. */
  readonly #reported = new Map<string, number>()
  readonly #bounds: { readonly lettersMax: number; readonly bytesMax: number }
  #bytes = 0
  #nextId = 1
  #dropped = 0

  constructor(bounds = { lettersMax: deadLettersMax, bytesMax: deadLetterBytesMax }) {
    this.#bounds = bounds
  }

  /** How many letters had to make place for newer ones. */
  get dropped(): number {
    return this.#dropped
  }

  /** How many are kept. */
  get size(): number {
    return this.#letters.size
  }

  /** Keeps a letter; `undefined` when the same message of the same lane was reported before. */
  add(letter: Omit<DeadLetter, 'id'>): DeadLetter | undefined {
    if (this.#isRepeated(letter)) return undefined
    const message = { ...letter.message, body: letter.message.body.slice() }
    const kept = { ...letter, message, id: this.#nextId++ }
    this.#letters.set(kept.id, kept)
    this.#bytes += kept.message.body.length
    for (const [id, oldest] of this.#letters) {
      if (this.#letters.size <= this.#bounds.lettersMax && this.#bytes <= this.#bounds.bytesMax) break
      this.#remove(id, oldest)
      this.#dropped++
    }
    return kept
  }

  /** The letters, oldest first. */
  list(): readonly DeadLetter[] {
    return [...this.#letters.values()]
  }

  /** A letter that is kept. */
  get(id: number): DeadLetter | undefined {
    return this.#letters.get(id)
  }

  /** Takes a letter out, to send it again; `undefined` when it is not there (any more). */
  take(id: number): DeadLetter | undefined {
    const letter = this.#letters.get(id)
    if (letter !== undefined) this.#remove(id, letter)
    return letter
  }

  #remove(id: number, letter: DeadLetter): void {
    this.#letters.delete(id)
    this.#bytes -= letter.message.body.length
  }

  #isRepeated({ receiver, mailbox, message }: Omit<DeadLetter, 'id'>): boolean {
    if (!('lane' in message)) return false
    const lane = `${mailbox ?? receiver} ${message.lane}`
    if (this.#reported.get(lane) === message.position) return true
    if (this.#reported.size >= this.#bounds.lettersMax) this.#reported.clear()
    this.#reported.set(lane, message.position)
    return false
  }
}
