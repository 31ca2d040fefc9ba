// What became of each message of a soak. A sender names an id before it publishes it and says afterwards how that went; a
// receiver names it when it has handled it; what nobody handled is among the dead letters. A message of which all is told
// is counted and forgotten; of the last ones forgotten the ids are kept, to notice who speaks of one again.

const forgottenMax = 100_000
/** A message of which all is told may still turn out to have a second fate; so long it is waited for, in milliseconds. */
const quietMs = 3000

/** @typedef {{ sender: string | undefined, outcome: 'sent' | 'refused' | undefined, begun: number, done: number,
 *   letters: number, lastMs: number }} Told */

export class Fates {
  /** @type {Map<number, Told>} */
  #open = new Map()
  /** @type {Map<number, string>} */
  #forgotten = new Map()
  /** @type {Map<string, number>} how many had which fate */
  #counts = new Map()
  /** @type {string[]} */
  #wrongs = []
  #tried = 0

  /** @param {string} sender @param {number} id */
  tried(sender, id) {
    this.#tried += 1
    this.#told(id, 'tried again').sender = sender
  }

  /** @param {number} id */
  sent(id) {
    this.#told(id, 'sent again').outcome = 'sent'
  }

  /** @param {number} id */
  refused(id) {
    this.#told(id, 'refused').outcome = 'refused'
  }

  /** Its handler began, for a message that may crash its handler. @param {number} id */
  begun(id) {
    this.#told(id, 'begun again').begun += 1
  }

  /** @param {number} id */
  done(id) {
    this.#told(id, 'done again').done += 1
  }

  /** @param {number} id @param {string} reason */
  letter(id, reason) {
    this.#told(id, `a dead letter (${reason})`).letters += 1
  }

  /** @param {number} id @param {string} what @returns {Told} */
  #told(id, what) {
    const fate = this.#forgotten.get(id)
    if (fate !== undefined) this.#wrong(`message ${id} was ${fate}, then ${what}`)
    let told = this.#open.get(id)
    if (told === undefined) {
      told = { sender: undefined, outcome: undefined, begun: 0, done: 0, letters: 0, lastMs: 0 }
      this.#open.set(id, told)
    }
    told.lastMs = performance.now()
    return told
  }

  /** Counts the messages of which all has been told for a while. */
  settle() {
    const before = performance.now() - quietMs
    for (const [id, told] of this.#open) {
      const fate = told.lastMs < before ? fateOf(told) : undefined
      if (fate !== undefined) this.#close(id, fate)
    }
    for (const id of this.#forgotten.keys()) {
      if (this.#forgotten.size <= forgottenMax) break
      this.#forgotten.delete(id)
    }
  }

  /** @param {number} id @param {string} fate */
  #close(id, fate) {
    this.#open.delete(id)
    this.#forgotten.set(id, fate)
    this.#counts.set(fate, (this.#counts.get(fate) ?? 0) + 1)
  }

  /**
   * Nothing more will be told. What a sender never said how it went, and nobody received, was not committed: a sender can
   * die so once.
   *
   * @param {ReadonlyMap<string, number>} kills how often each sender died
   */
  end(kills) {
    /** @type {Map<string, number>} */
    const uncommitted = new Map()
    for (const [id, told] of this.#open) {
      const fate = fateOf(told)
      if (fate !== undefined) this.#close(id, fate)
      else if (told.outcome === undefined && told.begun + told.done + told.letters === 0 && told.sender !== undefined) {
        this.#close(id, 'uncommitted')
        uncommitted.set(told.sender, (uncommitted.get(told.sender) ?? 0) + 1)
      } else this.#wrong(`message ${id} has no single fate: ${JSON.stringify(told)}`)
    }
    for (const [sender, count] of uncommitted) {
      const died = kills.get(sender) ?? 0
      if (count > died) this.#wrong(`${sender} died ${died} times and left ${count} messages uncommitted`)
    }
  }

  get open() {
    return this.#open.size
  }

  get wrongs() {
    return this.#wrongs
  }

  /** `1200 tried: 1100 delivered, 90 refused, …` */
  summary() {
    const parts = [...this.#counts].sort().map(([fate, count]) => `${count} ${fate}`)
    return `${this.#tried} tried: ${parts.join(', ')}`
  }

  /** @param {string} wrong */
  #wrong(wrong) {
    if (this.#wrongs.length < 20) this.#wrongs.push(wrong)
  }
}

/**
 * The one fate of a message, or nothing when it has none yet, or two. A sender that died before it said how it went had
 * committed what was received.
 *
 * @param {Told} told
 */
function fateOf({ sender, outcome, begun, done, letters }) {
  if (sender === undefined || done + letters > 1) return undefined
  if (outcome === 'refused') return done + letters + begun === 0 ? 'refused' : undefined
  if (done === 1) return begun > 1 ? 'redelivered' : 'delivered'
  return letters === 1 ? 'dead-lettered' : undefined
}
