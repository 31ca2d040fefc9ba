// All that the page knows, as one value, and what each thing that comes makes of it. Pure: time comes with what comes.
import type { HealthStatusReport, ReviewSummary, TreeReport } from '@bulkhead/admin'
import type { HealthEvent } from '@bulkhead/vocabulary'
import type { DenialReport, SampleReport } from '../../src/api-types.js'
import { entriesMax, samplesMax } from './limits.js'

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly since: number }
  | { readonly kind: 'lost'; readonly since: number; readonly why: string; readonly retryAt: number }
  /** The server tells nothing without a token. */
  | { readonly kind: 'locked'; readonly why: string }

/** A line of the stream. */
export type Entry = { readonly number: number; readonly time: number } & (
  | { readonly kind: 'event'; readonly event: HealthEvent }
  | { readonly kind: 'denial'; readonly denial: DenialReport }
  | { readonly kind: 'note'; readonly text: string }
)

export type PageState = {
  readonly connection: Connection
  /** When it was connected last: what was asked before may have failed. */
  readonly liveSince: number
  readonly health: HealthStatusReport | undefined
  readonly tree: TreeReport | undefined
  readonly reviews: readonly ReviewSummary[]
  /** By their times, newest first. */
  readonly entries: readonly Entry[]
  /** Oldest first, one a second. */
  readonly samples: readonly SampleReport[]
  /** Grows with each entry. */
  readonly entryNumber: number
}

export type Happening =
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'health'; readonly health: HealthStatusReport; readonly at: number }
  | { readonly kind: 'tree'; readonly tree: TreeReport }
  | { readonly kind: 'reviews'; readonly reviews: readonly ReviewSummary[] }
  | { readonly kind: 'event'; readonly event: HealthEvent }
  | { readonly kind: 'denials'; readonly denials: readonly DenialReport[] }
  | { readonly kind: 'samples'; readonly samples: readonly SampleReport[] }
  | { readonly kind: 'note'; readonly text: string; readonly at: number }

export const nothingKnown: PageState = {
  connection: { kind: 'connecting' },
  liveSince: 0,
  health: undefined,
  tree: undefined,
  reviews: [],
  entries: [],
  samples: [],
  entryNumber: 0,
}

export function stateAfter(state: PageState, happening: Happening): PageState {
  switch (happening.kind) {
    case 'connection':
      return withConnection(state, happening.connection)
    case 'health':
      return withHealth(state, happening.health, happening.at)
    case 'tree':
      return { ...state, tree: happening.tree }
    case 'reviews':
      return { ...state, reviews: happening.reviews }
    case 'event':
      return withEntry(state, { kind: 'event', time: happening.event.time, event: happening.event })
    case 'denials':
      return happening.denials.reduce(withDenial, state)
    case 'samples':
      return { ...state, samples: withSamples(state.samples, happening.samples) }
    case 'note':
      return withEntry(state, { kind: 'note', time: happening.at, text: happening.text })
  }
}

function withConnection(state: PageState, connection: Connection): PageState {
  return { ...state, connection, liveSince: connection.kind === 'live' ? connection.since : state.liveSince }
}

/** Another id is another runtime: its numbers begin anew, and what the old one measured is no longer true. */
function withHealth(state: PageState, health: HealthStatusReport, at: number): PageState {
  const isAnother = state.health !== undefined && state.health.id !== health.id
  if (!isAnother) return { ...state, health }
  const text = 'the process was started anew: this is another runtime'
  return withEntry({ ...state, health, samples: [] }, { kind: 'note', time: at, text })
}

type NewEntry = Entry extends infer One ? (One extends Entry ? Omit<One, 'number'> : never) : never

function withEntry(state: PageState, entry: NewEntry): PageState {
  const entryNumber = state.entryNumber + 1
  // Denials and events come on different ways, and what the server had kept comes after what is new.
  const place = state.entries.findIndex(({ time }) => time <= entry.time)
  const at = place === -1 ? state.entries.length : place
  const entries = state.entries.toSpliced(at, 0, { ...entry, number: entryNumber }).slice(0, entriesMax)
  return { ...state, entryNumber, entries }
}

/** What was told already comes again after a reconnect. */
function withDenial(state: PageState, denial: DenialReport): PageState {
  const isKnown = state.entries.some((entry) => entry.kind === 'denial' && entry.denial.id === denial.id)
  return isKnown ? state : withEntry(state, { kind: 'denial', time: denial.time, denial })
}

function withSamples(known: readonly SampleReport[], come: readonly SampleReport[]): readonly SampleReport[] {
  const last = known.at(-1)?.time ?? 0
  return [...known, ...come.filter(({ time }) => time > last)].slice(-samplesMax)
}
