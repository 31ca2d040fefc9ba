import type { HealthEventDraft, HealthEventType } from '@bulkhead/vocabulary'
import type { ChildState } from './child-state.js'

// What the events of a run tell of each child, held against the table of the machine: which event may follow which, and
// in which state the child must be when the last one has been told. A transition without its event, or an event without
// its transition, shows here.

const security: readonly HealthEventType[] = [
  'security.violation',
  'security.forged-handle',
  'security.type-violation',
  'security.digest-mismatch',
]
/** May come at any moment of rest: a fault that comes to light late, and what an operator decides. */
const any: readonly HealthEventType[] = [...security, 'child.released']
const climbs: readonly HealthEventType[] = ['child.reduced', 'child.isolated']
const starts: readonly HealthEventType[] = ['child.starting', 'child.waiting', 'child.quarantined', 'child.half-open']
const ends: readonly HealthEventType[] = ['child.stopped', 'child.removed']
const down: readonly HealthEventType[] = [...starts, ...ends, 'child.held', ...climbs]
const up: readonly HealthEventType[] = ['child.exited', 'child.zombie', 'child.degraded', 'child.healthy']

const followers: { readonly [Type in HealthEventType]?: readonly HealthEventType[] } = {
  'child.starting': ['child.ready', 'child.exited', 'child.zombie', 'child.released'],
  'child.ready': [...up, 'child.restarted', 'child.released'],
  'child.restarted': [...up, 'child.released'],
  'child.degraded': [...up, 'child.released'],
  'child.healthy': [...up, 'child.released'],
  'child.zombie': ['child.exited', 'child.released'],
  'child.exited': [...any, ...down, 'child.restarting'],
  'security.violation': [...any, ...down, 'child.restarting'],
  'security.forged-handle': [...any, ...down, 'child.restarting'],
  'security.type-violation': [...any, ...down, 'child.restarting'],
  'security.digest-mismatch': [...any, ...down, 'child.restarting'],
  'child.reduced': [...any, ...down],
  'child.isolated': [...any, ...down],
  'child.restarting': [...any, ...starts, ...ends, 'child.held', ...climbs],
  'child.quarantined': [...any, 'child.half-open', ...ends, ...starts],
  'child.half-open': [...any, ...starts, ...ends, 'child.held', ...climbs],
  'child.waiting': [...any, ...starts, ...ends, 'child.held', ...climbs],
  'child.held': [...any, ...starts, ...ends, ...climbs],
  'child.stopped': [...any, ...starts, 'child.removed', ...climbs],
  'child.removed': starts,
  'child.released': [...any, ...up, ...down, 'child.restarting'],
}

const rank: { readonly [level: string]: number } = { thread: 0, reduced: 1, process: 2, quarantine: 3 }

/** The story of one child so far. */
export class ChildStory {
  #last: HealthEventType | undefined
  /** The states in which the child may be after what was told; more than one where a supervisor may have been made anew. */
  #told: ReadonlySet<ChildState> = new Set(['declared'])
  /** The rung that it may come down to, by an event that said so since its last start. */
  #mayDescendTo: number | undefined
  #rank = 0

  get told(): string {
    return [...this.#told].join(' or ')
  }

  hear(event: HealthEventDraft): void {
    const { type, from, to } = event
    const isNewLife = from === 'declared' && this.#told.has('declared')
    const allowed =
      isNewLife || this.#last === undefined ? [...any, ...starts, ...ends, ...climbs] : followers[this.#last]
    if (allowed?.includes(type) !== true) throw new Error(`${event.child}: ${type} after ${this.#last}`)
    if (type === 'child.starting' && !this.#told.has(from as ChildState)) {
      throw new Error(`${event.child}: starts from ${from}, and was ${this.told}`)
    }
    const after = this.#statesAfter(type, from, to)
    // A supervisor that was down makes its children anew without a word.
    this.#told = [...after].some(isAtRest) ? new Set([...after, 'declared' as const]) : after
    if ((type === 'child.healthy' && to !== undefined) || type === 'child.released') {
      this.#mayDescendTo = rank[to ?? ''] ?? 0
    }
    this.#last = type
  }

  /** A start on these terms. INVARIANT (never wider): a rung further down has been told of. */
  start(level: string, canary: boolean): void {
    const now = (rank[level] ?? 0) + (canary ? 0.5 : 0)
    if (now < this.#rank && !(this.#mayDescendTo !== undefined && now >= this.#mayDescendTo)) {
      throw new Error(`started at ${level}, down from ${this.#rank}, and nobody said so`)
    }
    this.#rank = now
    this.#mayDescendTo = undefined
  }

  /** Whether a child that is in this state has told of it. */
  agrees(state: ChildState): boolean {
    if (state === 'stopping' || state === 'killing') {
      return (['starting', 'running', 'half-open'] as const).some((up) => this.#told.has(up))
    }
    return this.#told.has(state)
  }

  #statesAfter(type: HealthEventType, from: string | undefined, to: string | undefined): ReadonlySet<ChildState> {
    switch (type) {
      case 'child.starting':
      case 'child.ready':
      case 'child.waiting':
      case 'child.held':
      case 'child.quarantined':
      case 'child.stopped':
      case 'child.removed':
      case 'child.zombie':
      case 'child.restarting':
        return new Set([to as ChildState])
      case 'child.half-open':
        // By a start that was asked for: that start tells the state.
        return to === 'backoff' ? new Set([to]) : this.#told
      case 'child.exited':
        return new Set(['evaluating'])
      case 'child.reduced':
      case 'child.isolated':
        return this.#told.has('evaluating') ? new Set(['backoff']) : this.#told
      case 'child.released':
        return this.#told.has('quarantined') && from === 'quarantine' ? new Set([...this.#told, 'backoff']) : this.#told
      default:
        return this.#told
    }
  }
}

function isAtRest(state: ChildState): boolean {
  return ['stopped', 'completed', 'failed', 'quarantined', 'removed', 'zombie'].includes(state)
}
