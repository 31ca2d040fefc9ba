import { basename } from 'node:path'
import { duration } from './duration.mjs'

const nameColumns = 9
const buildPhases = new Set(['adapt', 'verify', 'transpile', 'compile'])

/**
 * Tells what happens to each child under the heading of its story. Stories run side by side but are printed one after
 * the other: the first that is not over is printed as it happens, the others wait in memory.
 */
export class Stories {
  #stories
  #current = 0
  #children = new Map()
  #preparing = new Set()
  #announced = false
  #afterwards

  /**
   * @param plan title → names of its children
   * @param afterwards name → what more there is to tell when that child has ended well
   */
  constructor(plan, afterwards = {}) {
    this.#afterwards = afterwards
    this.#stories = Object.entries(plan).map(([title, names]) => ({ title, open: new Set(names), lines: [] }))
    for (const story of this.#stories) {
      for (const name of story.open) this.#children.set(name, { story, startedAt: 0, said: new Set(), exit: undefined })
    }
  }

  take = (record) => {
    switch (record.record) {
      case 'progress':
        return this.#progress(record)
      case 'output':
        return this.#output(record)
      case 'denied':
        return this.#denied(record)
      case 'health':
        return this.#health(record)
    }
  }

  /** Prints whatever still waits. */
  end() {
    while (this.#current < this.#stories.length) this.#advance()
  }

  /** One line a component, and on a terminal a rewritten one while it is under way; nothing for what was cached. */
  #progress({ phase, file, elapsedMs }) {
    const name = basename(file)
    const onTerminal = process.stdout.isTTY === true
    if (buildPhases.has(phase)) {
      if (!this.#announced) console.log('preparing components (once; then they come from the cache)')
      this.#announced = true
      this.#preparing.add(file)
      if (onTerminal) process.stdout.write(`\r\u001b[K  ${name}: ${phase}, ${duration(elapsedMs)}`)
    } else if (phase === 'ready' && this.#preparing.delete(file)) {
      console.log(`${onTerminal ? '\r\u001b[K' : ''}  ${name} ${duration(elapsedMs)}`)
    }
  }

  #output({ child, text }) {
    const told = this.#children.get(child)
    // What a restarted child says again is not told again.
    if (text.trim() === '' || told.said.has(text)) return
    told.said.add(text)
    this.#tell(child, text)
  }

  #denied({ child, kind, action, resource, reason }) {
    this.#tell(child, `  denied: ${kind}.${action} ${resource}: ${reason}`)
  }

  #health(event) {
    const { child } = event
    const told = this.#children.get(child)
    if (told === undefined) return
    switch (event.type) {
      case 'child.starting':
        told.startedAt = event.time
        return
      case 'child.exited':
        return this.#exited(event, told)
      case 'child.restarting':
        this.#tell(child, `${told.exit}; again in ${duration(event.delayMs)}, ${restarts(event.restartsLeft)} left`)
        return
      case 'child.restarted':
        // The measured time is of interest once it is about restarting, not about a loop being ended again and again.
        if (told.story.title === 'Crash') {
          this.#tell(child, `restarted with the same grants: ready ${duration(event.tookMs)} after its exit was seen`)
        }
        return
      case 'child.reduced':
        return this.#tell(child, `${told.exit}; one rung up: with less from now on`)
      case 'child.isolated':
        return this.#tell(child, `${told.exit}; one rung up: in a process of its own from now on`)
      case 'child.quarantined':
        this.#tell(child, quarantineLine(told.exit, event.reason))
        return this.#over(child, told)
    }
  }

  #exited(event, told) {
    const took = duration(event.time - told.startedAt)
    if (event.class === 'normal') {
      const more = this.#afterwards[event.child]?.()
      this.#tell(event.child, more === undefined ? `done in ${took}` : `done in ${took}: ${more}`)
      this.#over(event.child, told)
    } else {
      const verb = event.class === 'crash' ? 'crashed' : 'killed'
      told.exit = `${verb} after ${took}: ${event.reason}`
    }
  }

  #over(child, told) {
    told.story.open.delete(child)
    while (this.#stories[this.#current]?.open.size === 0) this.#advance()
  }

  #tell(child, text) {
    const { story } = this.#children.get(child)
    const line = `  ${child.padEnd(nameColumns)} ${text}`
    if (story === this.#stories[this.#current]) this.#print(story, line)
    else story.lines.push(line)
  }

  #print(story, line) {
    if (story.headed !== true) console.log(`\n${story.title}`)
    story.headed = true
    console.log(line)
  }

  /** The current story is over; the next one is told as far as it went. */
  #advance() {
    this.#current += 1
    const next = this.#stories[this.#current]
    if (next === undefined) return
    for (const line of next.lines.splice(0)) this.#print(next, line)
  }
}

/** The reason of a quarantine often repeats the last exit's: then once is enough. */
function quarantineLine(exit, reason) {
  const [, why = ''] = exit.split(/: (.*)/s)
  const more = reason === why ? '' : `: ${reason.replace(`; last: ${why}`, '')}`
  return `${exit}; quarantined${more}`
}

function restarts(count) {
  return count === 1 ? '1 restart' : `${count} restarts`
}
