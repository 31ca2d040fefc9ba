import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import type { CompletePlan } from './child-port.js'
import type { ChildState } from './child-state.js'
import type { SupervisorPlan } from './supervisor-plan.js'

// What administrative calls answer: Erlang's own distinctions, as tagged unions. What can happen in the ordinary course of
// things is an answer; only a call that cannot be meant is an error.

/** There is no supervisor of that name, or it is not running (Erlang's `noproc`). */
export type NoSupervisor = { readonly kind: 'no-supervisor' }
/** The supervisor has no such child. */
export type NotFound = { readonly kind: 'not-found' }
/** Members of a pool are neither restarted nor deleted by hand (Erlang's `simple_one_for_one`). */
export type IsPool = { readonly kind: 'pool' }
/** It runs, or its end was not seen yet. */
export type Running = { readonly kind: 'running' }
/** It is down and comes back by itself: after its backoff, or when it is admitted. */
export type Restarting = { readonly kind: 'restarting' }
/** It is not started: its term, or a release, brings it back. */
export type Quarantined = { readonly kind: 'quarantined' }

/** How a start that was asked for went. */
export type StartOutcome =
  | { readonly kind: 'started'; readonly child: ChildId }
  /** There was nothing to run. The child stays, without a run, unless it is temporary or a member of a pool. */
  | { readonly kind: 'ignored'; readonly child: ChildId }
  /** It is not admitted now, and starts by itself when it is. */
  | { readonly kind: 'waiting'; readonly child: ChildId; readonly reason: string }
  | { readonly kind: 'failed'; readonly child: ChildId; readonly report: ExitReport }
  | Quarantined

export type StartChildResult =
  | StartOutcome
  | NoSupervisor
  | { readonly kind: 'already-started'; readonly child: ChildId }
  /** A child of that name is there and does not run. */
  | { readonly kind: 'already-present'; readonly child: ChildId }
  | { readonly kind: 'max-children'; readonly max: number }

export type RestartChildResult = StartOutcome | NoSupervisor | NotFound | IsPool | Running | Restarting

export type TerminateChildResult =
  | { readonly kind: 'terminated' }
  /** It was killed, and its exit was not seen. */
  | { readonly kind: 'zombie' }
  | NoSupervisor
  | NotFound

export type DeleteChildResult = { readonly kind: 'deleted' } | NoSupervisor | NotFound | IsPool | Running | Restarting

/** `not-isolated`: nothing is held against it that a release would end. */
export type ReleaseResult = { readonly kind: 'released' } | NotFound | { readonly kind: 'not-isolated' }

/** `not-running`: its next start is as it is planned now anyway. */
export type RenewResult =
  | { readonly kind: 'renewed' }
  | NotFound
  | { readonly kind: 'not-running'; readonly state: ChildState }

export type FaultResult = { readonly kind: 'told' } | NotFound

export type ChangeSpecResult = { readonly kind: 'changed' } | NoSupervisor

/** One child as `whichChildren` lists it. */
export type ListedChild = {
  readonly id: ChildId
  readonly kind: 'child' | 'supervisor'
  /** In Erlang's words: it has a process, waits to be restarted, or has none. */
  readonly status: 'running' | 'restarting' | 'undefined'
  readonly state: ChildState
}

export type WhichChildrenResult =
  | { readonly kind: 'children'; readonly children: readonly ListedChild[] }
  | NoSupervisor

export type CountChildrenResult =
  | {
      readonly kind: 'counts'
      /** Specifications: of a pool, its one template. */
      readonly specs: number
      readonly active: number
      readonly supervisors: number
      readonly workers: number
    }
  | NoSupervisor

export type ChildSpecResult =
  | { readonly kind: 'found'; readonly plan: CompletePlan | SupervisorPlan }
  | NoSupervisor
  | NotFound
