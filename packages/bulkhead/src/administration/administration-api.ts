// What a host application does with the supervisors and children of a running tree: Erlang's administrative calls.

import type { AutoShutdown, ChildEntry, ChildSpec, Strategy, SupervisorSpec } from '@bulkhead/manifest'
import type {
  ChangeSpecResult,
  CountChildrenResult,
  DeleteChildResult,
  RestartChildResult,
  StartChildResult,
  TerminateChildResult,
  WhichChildrenResult,
} from '@bulkhead/supervisors'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { TreeAdministration } from './tree-administration.js'
import type { TreeView } from './tree-view.js'

/** A child to be added: its name, and the keys of `[children.NAME]` as a tree file has them. */
export type NewChild = ChildEntry & { readonly id: string }

/** A member to be added to a pool, which is made as its template says. */
export type NewMember = {
  /** `<pool>-1`, `<pool>-2`, … when left out. */
  readonly id?: string
  /** Instead of those of the template. */
  readonly args?: readonly string[]
}

/** Flags of a supervisor that may change while it runs; what is left out stays. */
export type SupervisorChanges = {
  readonly strategy?: Strategy
  readonly intensity?: { readonly restarts: number; readonly withinMs: number }
  readonly autoShutdown?: AutoShutdown
  /** Children that it may have at once. */
  readonly childrenMax?: number
}

export type ChildSpecAnswer =
  | { readonly kind: 'found'; readonly spec: ChildSpec | SupervisorSpec }
  | { readonly kind: 'no-supervisor' }
  | { readonly kind: 'not-found' }

export type AdministrationApi = {
  /** The whole tree: each supervisor with its children, their states, levels, accounts, and what happens to them next. */
  readonly tree: () => TreeView
  /**
   * Adds a child at the end of a supervisor's start order and starts it. It is judged as if it stood in the tree file: until
   * it is trusted or approved, it waits. To a pool a member is added, which its template makes. Supervisors are named as in
   * the tree file, the root `root`.
   *
   * What can happen in the ordinary course of things is an answer, as Erlang's `supervisor` gives it: `started`, `waiting`,
   * `failed` (and then it is forgotten), `already-started`, `already-present`, `max-children`, `no-supervisor`.
   *
   * @throws {DocumentError} with every finding about the entry, its manifest, its mounts.
   * @throws {BulkheadError} `usage` for a name that another supervisor's child or the tree file has; `component-…` when the
   *   component is refused.
   * @example
   * ```ts
   * await runtime.startChild('pipeline', { id: 'enrich', component: './enrich.wasm', restart: 'transient' })
   * await runtime.startChild('workers', { args: ['worker', '7'] }) // { kind: 'started', child: 'workers-1' }
   * ```
   */
  readonly startChild: (supervisor: string, child: NewChild | NewMember) => Promise<StartChildResult>
  /** Stops a child within its `shutdown`, then by force. It stays known, unless it is temporary or a member of a pool. */
  readonly terminateChild: (supervisor: string, child: string) => Promise<TerminateChildResult>
  /** Starts a child again that has ended or was terminated. When that fails it stays as it is: nothing tries again. */
  readonly restartChild: (supervisor: string, child: string) => Promise<RestartChildResult>
  /** Forgets a child that does not run: its messages, and what waits for a review of it. What it did stays on its accounts. */
  readonly deleteChild: (supervisor: string, child: string) => Promise<DeleteChildResult>
  /** The children of one supervisor, newest first. */
  readonly whichChildren: (supervisor: string) => WhichChildrenResult
  readonly countChildren: (supervisor: string) => CountChildrenResult
  /** What is planned for a child, or for a supervisor below this one. */
  readonly getChildSpec: (supervisor: string, child: string) => ChildSpecAnswer
  /**
   * Changes a supervisor's flags while it runs; nobody is restarted by it.
   *
   * @throws {BulkheadError} `usage` for what cannot be meant; the old ones stay in force, whole.
   */
  readonly changeSpec: (supervisor: string, changes: SupervisorChanges) => Promise<ChangeSpecResult>
}

/** @param administration `undefined` where no tree runs */
export function administrationApi(administration: TreeAdministration | undefined): AdministrationApi {
  const running = (): TreeAdministration => {
    if (administration !== undefined) return administration
    throw new BulkheadError('actor-not-running', 'this runtime has no tree, so it has no supervisors', {
      hint: "name one: createRuntime({ tree: 'bulkhead.toml' })",
    })
  }
  return {
    tree: () => running().tree(),
    startChild: async (supervisor, child) => running().startChild(supervisor, child),
    terminateChild: async (supervisor, child) => running().terminateChild(supervisor, child),
    restartChild: async (supervisor, child) => running().restartChild(supervisor, child),
    deleteChild: async (supervisor, child) => running().deleteChild(supervisor, child),
    whichChildren: (supervisor) => running().whichChildren(supervisor),
    countChildren: (supervisor) => running().countChildren(supervisor),
    getChildSpec: (supervisor, child) => running().getChildSpec(supervisor, child),
    changeSpec: async (supervisor, changes) => running().changeSpec(supervisor, changes),
  }
}
