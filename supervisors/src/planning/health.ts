import { assertNever } from '@bulkhead/vocabulary'

// What is known of a running child's health comes from several places, each of which flickers. Each place has its own
// track with a threshold for getting worse and another for getting better; the child is as well as its worst track.

/** Where an observation comes from. */
export const healthSources = [
  /** The ledger: a message, or a call, that takes longer than it should. */
  'message',
  /** Processor time above its share. */
  'cpu',
  /** A quota nearly or wholly used up. */
  'quota',
  /** Requests that wait for each other in a circle. */
  'requests',
  /** What the component's own `health` answered, where it exports one. Only delivered questions are observations. */
  'lifecycle',
  /** Denials on their way to a violation. */
  'tripwire',
  /** Its group is held, or its rung is not `thread`: what supervision did to it. */
  'supervision',
] as const
export type HealthSource = (typeof healthSources)[number]

export type Observation =
  | { readonly source: HealthSource; readonly verdict: 'well' }
  | { readonly source: HealthSource; readonly verdict: 'ill'; readonly reason: string }

export type Health =
  | { readonly kind: 'healthy' }
  | {
      readonly kind: 'degraded'
      readonly reasons: readonly string[]
      /** What each reason is about: of two that are about the same, the later one is no news. */
      readonly subjects: readonly string[]
    }
  /** It is past help: its run is killed, as a `crash`. */
  | { readonly kind: 'failed'; readonly reason: string }

type Track = {
  readonly ill: boolean
  /** Observations in a row, up to now, that agree with `ill`. */
  readonly confirmed: number
  /** Observations in a row, up to now, that do not. */
  readonly against: number
  /** The last bad one's. */
  readonly reason: string
}
const wellTrack: Track = { ill: false, confirmed: 0, against: 0, reason: '' }

/** What was observed, by source. Plain data; nothing in it grows. */
export type HealthRecord = { readonly [Source in HealthSource]?: Track }

export const wellRecord: HealthRecord = {}

/** Observations in a row after which a track changes; `fails`: after which the child has failed. */
type Patience = { readonly worsens: number; readonly mends: number; readonly fails?: number }

function patienceOf(source: HealthSource): Patience {
  switch (source) {
    case 'message':
    case 'cpu':
      return { worsens: 2, mends: 3 }
    case 'lifecycle':
      return { worsens: 1, mends: 2, fails: 3 }
    case 'quota':
    case 'requests':
    case 'tripwire':
      return { worsens: 1, mends: 3 }
    case 'supervision':
      return { worsens: 1, mends: 1 }
    default:
      return assertNever(source)
  }
}

/** The record after one more observation. */
export function observe(record: HealthRecord, observation: Observation): HealthRecord {
  const { source, verdict } = observation
  const isIll = verdict === 'ill'
  const before = record[source] ?? wellTrack
  const reason = observation.verdict === 'ill' ? observation.reason : before.reason
  const { worsens, mends } = patienceOf(source)
  return { ...record, [source]: { ...after(before, isIll, isIll ? worsens : mends), reason } }
}

function after({ ill, confirmed, against }: Track, isIll: boolean, patience: number): Omit<Track, 'reason'> {
  if (ill === isIll) return { ill, confirmed: confirmed + 1, against: 0 }
  if (against + 1 < patience) return { ill, confirmed: 0, against: against + 1 }
  return { ill: isIll, confirmed: against + 1, against: 0 }
}

/** Their reasons hold numbers, which are others at each look. */
const measured: ReadonlySet<HealthSource> = new Set(['message', 'cpu', 'quota'])

/** How the child is, by all that was observed. */
export function healthOf(record: HealthRecord): Health {
  const reasons: string[] = []
  const subjects: string[] = []
  for (const source of healthSources) {
    const track = record[source]
    if (track === undefined || !track.ill) continue
    if (track.confirmed >= (patienceOf(source).fails ?? Number.POSITIVE_INFINITY)) {
      return { kind: 'failed', reason: track.reason }
    }
    reasons.push(track.reason)
    subjects.push(measured.has(source) ? source : `${source}: ${track.reason}`)
  }
  return reasons.length === 0 ? { kind: 'healthy' } : { kind: 'degraded', reasons, subjects }
}

/** The event that a change of health owes; `failed` owes none: the exit that follows has its own. */
export function healthEventOf(before: Health, after: Health): 'child.degraded' | 'child.healthy' | undefined {
  if (after.kind === 'degraded') {
    const known = before.kind === 'degraded' ? before.subjects : []
    return after.subjects.some((subject) => !known.includes(subject)) ? 'child.degraded' : undefined
  }
  return after.kind === 'healthy' && before.kind !== 'healthy' ? 'child.healthy' : undefined
}
