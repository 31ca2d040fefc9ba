import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import type { RestartType, Trust } from './planning/restart-spec.js'

// The border between supervision and what is supervised. `@bulkhead/actor` implements it with worker threads; tests with
// simulated children. Nothing below it is believed beyond this contract: a port that throws, never answers a kill, or
// breaks its exit promise costs its own child only.

/** One incarnation of a child: from its start until its exit was seen. */
export type ChildRun = {
  /** Resolves when the child is ready: its guest code began to run, or `init` returned. A failed start is an exit, not a rejection. */
  readonly ready: Promise<void>
  /** Resolves exactly once, when the exit was *seen*: never on the strength of a goodbye. */
  readonly exited: Promise<ExitReport>
  /**
   * Resolves when a kill that the run began by itself (a deadline passed, memory ran over) was not seen to end in time.
   * Left out by ports whose runs never end themselves. Without it such a run would look healthy for ever.
   */
  readonly stuck?: Promise<void>
  /** Asks for an orderly stop; `exited` resolves afterwards. */
  readonly stop: () => void
  /** Forces the end. Resolves `exited`, or `zombie` when the exit was not seen within the kill deadline of 1 s. */
  readonly kill: () => Promise<'exited' | 'zombie'>
}

/** Makes incarnations of one child. `start` is never called while an earlier run's exit is unseen. */
export type ChildPort = { readonly start: (incarnation: number) => ChildRun }

/** How a child's story is meant to end. */
export type Expectation = 'completed' | 'failed' | 'quarantined'

/** Whether a child may be started now; `reason` in a word or two: `approval-required`. */
export type Admission = { readonly kind: 'open' } | { readonly kind: 'waiting'; readonly reason: string }

/**
 * Who says whether a child may be started. It is asked before each start, a restart too; a child that runs is not stopped
 * by it. A child that is not admitted is `waiting`, delays nobody, and starts by itself when `state` says `open`.
 */
export type AdmissionPort = {
  readonly state: () => Admission
  /** Calls `listener` after each change of `state`, until the answer of this function is called. */
  readonly onChange: (listener: () => void) => () => void
}

/** One child of a tree, as its author planned it. */
export type ChildPlan = {
  readonly id: ChildId
  readonly restart: RestartType
  /** How the story is to end; see `SupervisionTree.settled`. */
  readonly expect?: Expectation
  /** Time for an orderly stop, in whole milliseconds; 0 kills at once. */
  readonly shutdownMs: number
  /** Time until ready, in whole milliseconds; 10 s when left out. */
  readonly startMs?: number
  /** As a function: determined again at each start. */
  readonly trust: Trust | (() => Trust)
  /** Left out: it may always be started. */
  readonly admission?: AdmissionPort
  readonly port: ChildPort
}
