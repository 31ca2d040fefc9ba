import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import type { ChildIdentity } from './account-book.js'
import type { RunLevel } from './planning/ladder.js'
import type { RestartType, Trust } from './planning/restart-spec.js'

// The border between supervision and what is supervised. `@bulkhead/actor` implements it with worker threads; tests with
// simulated children; a supervisor below another one is a child through it too. Nothing below it is believed beyond this
// contract: a port that throws, never answers a kill, or breaks its exit promise costs its own child only.

/** One incarnation of a child: from its start until its exit was seen. */
export type ChildRun = {
  /**
   * Resolves when the child is ready: its guest code began to run, or `init` returned. A failed start is an exit, not a
   * rejection. Resolves `ignored` when there is nothing to run: then nothing was started, and no exit follows.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most runs resolve with nothing, and are not made to say so.
  readonly ready: Promise<void | 'ignored'>
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

/** How an incarnation is to run. */
export type StartTerms = {
  readonly level: RunLevel
  /** On trial after a quarantine: required grants only, rates divided by ten. */
  readonly canary: boolean
}

/** Makes incarnations of one child. `start` is never called while an earlier run's exit is unseen. */
export type ChildPort = { readonly start: (incarnation: number, terms: StartTerms) => ChildRun }

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

/**
 * Who says whether a child that may sleep has something to do. It sleeps from its first start on until it is wanted, and
 * again after each clean end of a run; a crash is one all the same. What comes between the end of a run and its sleep is
 * asked for by `isWanted`, so that nothing is slept over.
 */
export type DormancyPort = {
  readonly isWanted: () => boolean
  /** Calls `listener` when there may be something to do, until the answer of this function is called. */
  readonly onWanted: (listener: () => void) => () => void
}

/** Time for an orderly stop, in whole milliseconds; 0 kills at once, `infinity` waits as long as it takes. */
export type ShutdownMs = number | 'infinity'

/** One child of a tree, as its author planned it. */
export type ChildPlan = {
  readonly kind?: 'child'
  readonly id: ChildId
  /** `permanent` when left out. */
  readonly restart?: RestartType
  /** How the story is to end; see `SupervisionTree.settled`. */
  readonly expect?: Expectation
  /** 5 s when left out. */
  readonly shutdownMs?: ShutdownMs
  /** Time until ready, in whole milliseconds; 10 s when left out. */
  readonly startMs?: number
  /** Whether its own end may end its supervisor (`autoShutdown`). False when left out. */
  readonly significant?: boolean
  /** As a function: determined again at each start. */
  readonly trust: Trust | (() => Trust)
  /** Left out: it may always be started. */
  readonly admission?: AdmissionPort
  /** Left out: it runs from its start on. */
  readonly dormancy?: DormancyPort
  /** Under what its past is kept besides its id. Left out: its id alone, and the tenant that stands in it. */
  readonly identity?: ChildIdentity
  readonly port: ChildPort
}

/** A plan that was checked, with nothing left open. Made in one place: `completePlan`. */
export type CompletePlan = ChildPlan & Required<Pick<ChildPlan, 'restart' | 'shutdownMs' | 'significant'>>
