import type { AccessRecord, Kind, Layer } from '@bulkhead/vocabulary'
import { denialKeyUnitsMax, tripDenialsMax, tripProbesMax, tripWindowMs } from '../limits.js'

// When do denials become a violation? A program that asks for one thing again and again is broken; one that asks for five
// different things within seconds is looking for what it may have. So what counts is how many *distinct* denials of one
// kind lie in the window, told apart coarsely: by action and by the first part of the resource. Rules that somebody wrote to
// forbid something count at each hit. What the host itself took away, ran out of or failed at is no guest's fault.

/** A denial as the journal reports it. */
export type Refusal = Pick<AccessRecord, 'kind' | 'action' | 'resource' | 'layer' | 'count'> & {
  /** A look-up of something that is not there (SPEC 2.3). */
  readonly probe: boolean
}

/** The denials that were too many: proof enough for a `security` fault. */
export type Violation = {
  readonly kind: Kind
  /** For the operator. */
  readonly reason: string
}

const counted: ReadonlySet<Layer> = new Set([
  'forbidden',
  'deny',
  'manifest',
  'approval',
  'policy',
  'operator',
  'ceiling',
  'role',
  'mount',
])

/** One child's tripwire: bounded windows, fed with every denial. It outlives incarnations, as the child's window does. */
export class Tripwire {
  readonly #denials = new Map<Kind, Window>()
  readonly #probes = new Window(tripProbesMax)
  #hits = 0

  /** What the denial amounts to; `undefined` as long as it is one of few. After a violation its window begins anew. */
  note(refusal: Refusal, nowMs: number): Violation | undefined {
    const { kind, action, resource, layer } = refusal
    if (refusal.probe) {
      if (!this.#probes.add(`${kind} ${action} ${resource}`, nowMs)) return undefined
      return { kind, reason: `looked for ${tripProbesMax} different things that are not there ${inWindow}` }
    }
    if (!counted.has(layer)) return undefined
    return layer === 'deny' || layer === 'forbidden' ? this.#hit(refusal, nowMs) : this.#deny(refusal, nowMs)
  }

  #deny({ kind, action, resource }: Refusal, nowMs: number): Violation | undefined {
    const tripped = this.#windowOf(kind).add(`${action} ${scopeOf(kind, resource)}`, nowMs)
    return tripped
      ? { kind, reason: `${tripDenialsMax} different ${kind} requests were denied ${inWindow}` }
      : undefined
  }

  #hit({ kind, count }: Refusal, nowMs: number): Violation | undefined {
    const window = this.#windowOf(kind)
    let tripped = false
    for (let hit = 0; hit < Math.min(count, tripDenialsMax) && !tripped; hit++) {
      tripped = window.add(`#${this.#hits++}`, nowMs)
    }
    return tripped
      ? { kind, reason: `${tripDenialsMax} denied ${kind} requests, some of them forbidden, ${inWindow}` }
      : undefined
  }

  #windowOf(kind: Kind): Window {
    const known = this.#denials.get(kind)
    if (known !== undefined) return known
    const made = new Window(tripDenialsMax)
    this.#denials.set(kind, made)
    return made
  }
}

const inWindow = `within ${tripWindowMs / 1000} s`

/** The distinct keys of the last seconds, by when each was last seen; never more than would trip it. */
class Window {
  readonly #most: number
  readonly #lastMs = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether the window is full now; it is empty afterwards. */
  add(key: string, nowMs: number): boolean {
    this.#lastMs.delete(key)
    this.#lastMs.set(key, nowMs)
    for (const [old, atMs] of this.#lastMs) {
      if (atMs > nowMs - tripWindowMs) break
      this.#lastMs.delete(old)
    }
    if (this.#lastMs.size < this.#most) return false
    this.#lastMs.clear()
    return true
  }
}

/** The part of a resource by which denials of its kind are told apart. */
export function scopeOf(kind: Kind, resource: string): string {
  const whole = resource.slice(0, denialKeyUnitsMax)
  switch (kind) {
    case 'filesystem':
    case 'process':
      return whole.split('/', 3).join('/')
    case 'network':
      return whole.replace(/^[a-z]+:\/\//, '').replace(/:[^:\]]*$/, '')
    case 'storage':
      return nameSpaceOf(whole)
    case 'messaging':
      return whole.split('.', 1)[0] ?? whole
    default:
      return whole
  }
}

/** `self`, `component:other`, `shared:prices`. */
function nameSpaceOf(resource: string): string {
  const segments = resource.split(':', 2)
  return segments[0] === 'self' ? 'self' : segments.join(':')
}
