import { setTimeout as sleep } from 'node:timers/promises'
import { receivers, senders, victims } from './tree.mjs'

/** @typedef {import('bulkhead').Runtime} Runtime */

const topics = [...receivers.keys()]
/** How long a sender may take for a burst; a late answer is one of no interest. */
const burstMs = 8000
/** Pauses before restarts grow where deaths follow each other within ten seconds: of one child they are apart by this. */
const betweenDeathsMs = 12_000
/** Who runs into a deadline twice within five minutes is isolated further: between two times there is more than that. */
const betweenOverrunsMs = 330_000

/** Lets senders publish, and at random times makes one of those concerned die or lose a grant. */
export class Chaos {
  #runtime
  #fates
  #heard
  #random
  #stopped = false
  #nextId = 1
  /** @type {Map<string, number>} what was done when */
  #last = new Map()

  /**
   * @param {Runtime} runtime
   * @param {import('./fates.mjs').Fates} fates
   * @param {ReturnType<typeof import('./listen.mjs').listenTo>} heard
   * @param {ReturnType<typeof import('./random.mjs').randomFrom>} random
   */
  constructor(runtime, fates, heard, random) {
    this.#runtime = runtime
    this.#fates = fates
    this.#heard = heard
    this.#random = random
  }

  async run() {
    await Promise.all([...senders.map((name) => this.#send(name)), this.#spin(), this.#revoke()])
  }

  stop() {
    this.#stopped = true
  }

  /** Burst after burst, now and then one in which the sender or the receiver dies. @param {string} sender */
  async #send(sender) {
    while (!this.#stopped) {
      const topic = this.#random.oneOf(topics)
      // One that does not end before the deadline: the sender is killed wherever it is.
      const isEndless = this.#random.chance(0.05) && this.#mayOverrun(sender)
      const count = isEndless ? 50_000 : 1 + this.#random.below(60)
      const first = this.#nextId
      this.#nextId += count
      const one = () => first + this.#random.below(count)
      const maybe = this.#random.chance(0.1) && this.#mayDie(receivers.get(topic) ?? '') ? one() : 0
      const trap = this.#random.chance(0.05) && this.#mayDie(sender) ? this.#random.oneOf([-1, 1]) * one() : 0
      const bytes = this.#random.chance(0.05) ? 40_000 : 20 + this.#random.below(400)
      await this.#ask(sender, `burst ${topic} ${first} ${count} ${bytes} ${maybe} ${trap}`)
      await sleep(this.#random.below(60))
    }
  }

  /** The victims, and one of the receivers, spin until their deadline kills them. */
  async #spin() {
    while (!this.#stopped) {
      await this.#pause(3000)
      const victim = [...victims, 'once'].find((name) => this.#mayOverrun(name))
      if (victim === undefined || this.#stopped) continue
      const id = this.#nextId++
      this.#fates.tried('host', id)
      const { receivers: reached } = await this.#runtime.publish(`cmd.${victim}`, encoded(`spin ${id}`))
      if (reached === 1) this.#fates.sent(id)
      else this.#fates.refused(id)
    }
  }

  /** Takes a sender's grant away and gives it back. */
  async #revoke() {
    while (!this.#stopped) {
      await this.#pause(4000)
      if (this.#stopped) return
      const sender = this.#random.oneOf(senders)
      await this.#runtime.revoke(sender, 'messaging.publish=work.*')
      await sleep(this.#random.below(400))
      await this.#runtime.grant(sender, 'messaging.publish=work.*')
    }
  }

  /** @param {string} child */
  #mayDie(child) {
    return this.#isAgain(child, betweenDeathsMs)
  }

  /** Whether it may be killed at its deadline. @param {string} child */
  #mayOverrun(child) {
    return this.#isAgain(`${child} overrun`, betweenOverrunsMs) && this.#mayDie(child)
  }

  /** Whether so much time has gone by since it was so the last time. @param {string} what @param {number} apartMs */
  #isAgain(what, apartMs) {
    const last = this.#last.get(what)
    if (last !== undefined && performance.now() - last < apartMs) return false
    this.#last.set(what, performance.now())
    return true
  }

  /** Asks and waits for the answer, or for the death of the one asked. @param {string} child @param {string} command */
  async #ask(child, command) {
    const death = new AbortController()
    const forget = this.#heard.onDeath(child, () => death.abort())
    try {
      await this.#runtime.request(`cmd.${child}`, encoded(command), { timeoutMs: burstMs, signal: death.signal })
    } catch {
      // It died, or is about to be started again: what it published is told by its own words.
    } finally {
      forget()
    }
  }

  /** About that long. @param {number} meanMs */
  async #pause(meanMs) {
    for (let left = meanMs / 2 + this.#random.below(meanMs); left > 0 && !this.#stopped; left -= 200) await sleep(200)
  }
}

/** @param {string} text */
function encoded(text) {
  return new TextEncoder().encode(text)
}
