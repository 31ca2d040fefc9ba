import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import { assign, setup } from 'xstate'
import { type ChildState, isDown, isStartOver, isStill } from './child-state.js'
import type { GroupPlan } from './planning/plan-group.js'

// A supervisor, as a table: starts its children in order, gives out turns to restart, restarts groups, and ends its
// children in reverse order. It owns no child machine (an error of a spawned actor would put it into `error` and orphan the
// rest): children are reached through `SupervisorWorld` and tell of their moves by events.
//
// INVARIANT (order): of the children that are stopped, or started, one after the other, the next is asked only when the one
//   before is down, or its start is over.
// INVARIANT (whole group): a group is started only when nothing of it runs any more, none of its members waits for a
//   backoff, and none is quarantined or a zombie.

/** What a supervisor's machine may do. What begins with `is`, `needs`, `roster`, `stateOf` and `plan` only reads. */
export type SupervisorWorld = {
  /** In start order. */
  readonly roster: () => readonly ChildId[]
  readonly stateOf: (id: ChildId) => ChildState
  readonly lastExitOf: (id: ChildId) => ExitReport
  /** Whether it is down for its backoff, and that is over. */
  readonly isDue: (id: ChildId) => boolean
  /** Whether it is down, and a start would be heeded. */
  readonly isStartable: (id: ChildId) => boolean
  /** Who goes down with a child that failed; `undefined` when nobody does (`one_for_one`). */
  readonly planGroup: (failed: ChildId) => GroupPlan | undefined
  /** Whether the initial start of a child has to succeed (profile `otp`). */
  readonly needsAllStarts: () => boolean
  /** Whether a group whose failed child was terminated meanwhile stays down (profile `otp`). */
  readonly abandonsGroups: () => boolean
  /** Milliseconds that all children together get to stop at once; `undefined` where each has its own time, in turn. */
  readonly commonShutdownMs: () => number | undefined
  readonly startChild: (id: ChildId) => void
  /** Starts a child as soon as the storm guard lets it; at once where it was never started before. */
  readonly askTurn: (id: ChildId) => void
  /** Starts a member of a group that has its turn. */
  readonly restartChild: (id: ChildId) => void
  readonly reserveChild: (id: ChildId) => void
  readonly holdChild: (id: ChildId) => void
  readonly terminateChild: (id: ChildId) => void
  readonly retireChild: (id: ChildId) => void
  readonly stopChild: (id: ChildId, isTimedElsewhere: boolean) => void
  readonly killChild: (id: ChildId) => void
  /** Brings its children's accounts up to date, and tells of those whose past isolates them from the start. */
  readonly reconcile: () => void
  readonly emitStarted: () => void
  readonly emitHeld: (by: ChildId, state: ChildState) => void
  readonly emitReleased: () => void
  readonly emitThrottled: (delayMs: number) => void
  readonly emitEscalated: (ending: Ending) => void
  readonly emitStopped: (ending: Ending | undefined) => void
}

/** Why a supervisor ends by itself. */
export type Ending = {
  /** A child could not be kept up; could not be started at first; or was significant, and ended. */
  readonly kind: 'escalated' | 'start-failed' | 'auto-shutdown'
  readonly child: ChildId
  readonly report: ExitReport
}

export type SupervisorContext = {
  readonly world: SupervisorWorld
  /** While something is started in order: who is left to start. The first one's start is awaited. */
  readonly order: readonly ChildId[]
  /** While something is stopped in order: the child whose stop is awaited. */
  readonly awaited: ChildId | undefined
  readonly group: GroupPlan
  readonly throttledMs: number
  readonly isStartTold: boolean
  readonly ending: Ending | undefined
}

export type SupervisorMachineEvent =
  | { readonly type: 'supervisor.start' }
  | { readonly type: 'supervisor.stop' }
  /** Stop without any grace. */
  | { readonly type: 'supervisor.kill' }
  | { readonly type: 'child.moved'; readonly child: ChildId; readonly state: ChildState; readonly from: ChildState }
  | { readonly type: 'child.due'; readonly child: ChildId }
  | { readonly type: 'child.escalated'; readonly ending: Ending }
  /** A significant child ended by itself, and the supervisor has to end with it. */
  | { readonly type: 'child.concluded'; readonly ending: Ending }
  | { readonly type: 'turns.throttled'; readonly delayMs: number }
  | { readonly type: 'turns.open' }

export type SupervisorMachineInput = { readonly world: SupervisorWorld }

const noGroup: GroupPlan = { stopInReverse: [], startInOrder: [], dropped: [] }

/** The last child in start order that is not down yet. */
function lastUp({ world }: SupervisorContext): ChildId | undefined {
  return world.roster().findLast((id) => !isDown(world.stateOf(id)))
}

/** The last member of the group that still runs. */
function lastRunning({ world, group }: SupervisorContext): ChildId | undefined {
  return group.stopInReverse.find((id) => !isStill(world.stateOf(id)))
}

/** The group that a move makes necessary. */
function groupOf({ world }: SupervisorContext, event: SupervisorMachineEvent): GroupPlan | undefined {
  if (event.type !== 'child.moved') return undefined
  return event.state === 'backoff' || event.state === 'quarantined' ? world.planGroup(event.child) : undefined
}

/** The member that keeps the group down for longer than a backoff, if any. */
function blocker({ world, group }: SupervisorContext): ChildId | undefined {
  return group.startInOrder.find((id) => ['quarantined', 'zombie'].includes(world.stateOf(id)))
}

function isWaitedFor(world: SupervisorWorld, id: ChildId): boolean {
  return world.stateOf(id) === 'backoff' && !world.isDue(id)
}

/** From the first child on that was never started: what was stopped before its first turn stays so. */
function fromDeclared(world: SupervisorWorld, order: readonly ChildId[]): readonly ChildId[] {
  const at = order.findIndex((id) => world.stateOf(id) === 'declared')
  return at === -1 ? [] : order.slice(at)
}

/** From the first child on that is down: the group comes back whole. */
function fromStartable(world: SupervisorWorld, order: readonly ChildId[]): readonly ChildId[] {
  const at = order.findIndex(world.isStartable)
  return at === -1 ? [] : order.slice(at)
}

export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorMachineEvent,
    input: {} as SupervisorMachineInput,
  },
  guards: {
    isAwaitedStartOver: ({ context, event }) =>
      event.type === 'child.moved' &&
      event.child === context.order[0] &&
      event.state !== 'held' &&
      isStartOver(event.state),
    /** Its turn has not come: it was taken away before. */
    isAwaitedGone: ({ context, event }) =>
      event.type === 'child.moved' &&
      event.child === context.order[0] &&
      (event.state === 'stopped' || event.state === 'removed' || event.state === 'failed'),
    isAwaitedStarting: ({ context, event }) =>
      event.type === 'child.moved' && event.child === context.order[0] && event.state === 'starting',
    isStartFailed: ({ context: { world, order }, event }) =>
      event.type === 'child.moved' && event.child === order[0] && event.state === 'failed' && world.needsAllStarts(),
    isEveryoneStarted: ({ context }) => context.order.length === 0,
    failsGroup: ({ context, event }) => groupOf(context, event) !== undefined,
    widensGroup: ({ context, event }) =>
      (groupOf(context, event)?.stopInReverse.length ?? 0) > context.group.stopInReverse.length,
    /** While its group waits, a member that was terminated, or whose quarantine was its end, does not come back with it. */
    leavesGroup: ({ event }) =>
      event.type === 'child.moved' &&
      (event.state === 'stopped' ||
        event.state === 'removed' ||
        (event.state === 'failed' && event.from === 'quarantined')),
    /** Erlang's try-again is the failed child's alone: when that is taken away, the others stay down. */
    abandonsGroup: ({ context: { world, order }, event }) =>
      event.type === 'child.moved' &&
      event.from === 'backoff' &&
      event.state === 'stopped' &&
      world.abandonsGroups() &&
      !order.some((id) => world.stateOf(id) === 'backoff'),
    restartsAlone: ({ context, event }) =>
      event.type === 'child.due' && context.world.planGroup(event.child) === undefined,
    isAwaitedStill: ({ context, event }) =>
      event.type === 'child.moved' && event.child === context.awaited && isStill(event.state),
    isGroupStill: ({ context }) => lastRunning(context) === undefined,
    isGroupBlocked: ({ context }) => blocker(context) !== undefined,
    isGroupFree: ({ context }) => blocker(context) === undefined,
    isGroupDue: ({ context }) => !context.group.startInOrder.some((id) => isWaitedFor(context.world, id)),
    isGroupAbandoned: ({ context: { world, group } }) =>
      world.abandonsGroups() && !group.startInOrder.some((id) => world.stateOf(id) === 'backoff'),
    concludes: ({ context }) => context.ending !== undefined,
    concludesHere: ({ context: { ending, order }, event }) =>
      ending !== undefined && event.type === 'child.moved' && event.child === order[0] && isStartOver(event.state),
    isAwaitedDown: ({ context, event }) =>
      event.type === 'child.moved' &&
      isDown(event.state) &&
      (context.awaited === undefined || event.child === context.awaited),
    isEveryChildDown: ({ context }) => lastUp(context) === undefined,
  },
  delays: {
    commonShutdown: ({ context }) => context.world.commonShutdownMs() ?? Number.POSITIVE_INFINITY,
  },
  actions: {
    orderStarts: assign(({ context: { world } }) => ({ order: fromDeclared(world, world.roster()) })),
    orderGroup: assign(({ context: { world, group } }) => ({ order: fromStartable(world, group.startInOrder) })),
    awaitNextDeclared: assign(({ context: { world, order } }) => ({ order: fromDeclared(world, order.slice(1)) })),
    awaitNextMember: assign(({ context: { world, order } }) => ({ order: fromStartable(world, order.slice(1)) })),
    startAwaited: ({ context: { world, order } }) => {
      const [id] = order
      if (id !== undefined) world.startChild(id)
    },
    restartAwaited: ({ context: { world, order } }) => {
      const [id] = order
      if (id !== undefined) world.restartChild(id)
    },
    askTurnForAwaited: ({ context: { world, order } }) => {
      const [id] = order
      if (id !== undefined) world.askTurn(id)
    },
    askTurn: ({ context, event }) => {
      if (event.type === 'child.due') context.world.askTurn(event.child)
    },
    noteGroup: assign(({ context, event }) => ({ group: groupOf(context, event) ?? context.group })),
    noteGroupDue: assign(({ context, event }) => ({
      group: (event.type === 'child.due' ? context.world.planGroup(event.child) : undefined) ?? context.group,
    })),
    dropFromGroup: assign(({ context: { group, order }, event }) => {
      const left = event.type === 'child.moved' ? event.child : undefined
      const startInOrder = group.startInOrder.filter((id) => id !== left)
      return { group: { ...group, startInOrder }, order: order.filter((id) => id !== left) }
    }),
    noteNoGroup: assign({ group: noGroup }),
    /** From now on an exit of a member is no fault of its own. */
    reserveGroup: ({ context: { world, group } }) => {
      for (const id of group.startInOrder) world.reserveChild(id)
    },
    awaitLastRunning: assign({ awaited: ({ context }) => lastRunning(context) }),
    holdAwaited: ({ context: { world, group, awaited } }) => {
      if (awaited === undefined) return
      if (group.dropped.includes(awaited)) world.terminateChild(awaited)
      else world.holdChild(awaited)
    },
    /** Members that were down already, or wait for an admission, are held too. */
    holdTheRest: ({ context: { world, group } }) => {
      for (const id of group.startInOrder) if (world.stateOf(id) === 'waiting') world.holdChild(id)
    },
    abandonGroup: ({ context: { world, group } }) => {
      for (const id of group.startInOrder) if (world.stateOf(id) === 'held') world.terminateChild(id)
    },
    retireAll: ({ context }) => {
      for (const id of context.world.roster().toReversed()) context.world.retireChild(id)
    },
    awaitLastUp: assign(({ context }) => ({
      awaited: context.world.commonShutdownMs() === undefined ? lastUp(context) : undefined,
    })),
    stopAwaited: ({ context: { world, awaited } }) => {
      if (awaited !== undefined) world.stopChild(awaited, false)
    },
    stopTogether: ({ context: { world } }) => {
      if (world.commonShutdownMs() === undefined) return
      for (const id of world.roster().toReversed()) world.stopChild(id, true)
    },
    killAll: ({ context: { world } }) => {
      for (const id of world.roster().toReversed()) if (!isDown(world.stateOf(id))) world.killChild(id)
    },
    awaitAnyone: assign({ awaited: undefined }),
    noteEnding: assign({ ending: ({ context, event }) => ('ending' in event ? event.ending : context.ending) }),
    noteStartFailed: assign({
      ending: ({ context, event }) =>
        event.type === 'child.moved'
          ? { kind: 'start-failed', child: event.child, report: context.world.lastExitOf(event.child) }
          : context.ending,
    }),
    noteThrottled: assign({ throttledMs: ({ event }) => (event.type === 'turns.throttled' ? event.delayMs : 0) }),
    noteStartTold: assign({ isStartTold: true }),
    /** Lets the guards look again. */
    look: () => undefined,
    reconcile: ({ context }) => context.world.reconcile(),
    emitStarted: ({ context }) => {
      if (!context.isStartTold) context.world.emitStarted()
    },
    emitHeld: ({ context }) => {
      const by = blocker(context)
      if (by !== undefined) context.world.emitHeld(by, context.world.stateOf(by))
    },
    emitReleased: ({ context }) => context.world.emitReleased(),
    emitThrottled: ({ context }) => context.world.emitThrottled(context.throttledMs),
    emitEscalated: ({ context }) => {
      if (context.ending !== undefined) context.world.emitEscalated(context.ending)
    },
    emitStopped: ({ context }) => context.world.emitStopped(context.ending),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({
    world: input.world,
    order: [],
    awaited: undefined,
    group: noGroup,
    throttledMs: 0,
    isStartTold: false,
    ending: undefined,
  }),
  initial: 'declared',
  states: {
    declared: {
      on: { 'supervisor.start': 'reconcile', 'supervisor.stop': 'stopping', 'supervisor.kill': 'killing' },
    },
    /** What an earlier life left is looked at before anybody starts. */
    reconcile: { entry: 'reconcile', always: 'active' },
    active: {
      type: 'parallel',
      on: {
        'supervisor.stop': 'stopping',
        'supervisor.kill': 'killing',
        'child.escalated': { target: 'escalating', actions: 'noteEnding' },
        'child.concluded': { actions: 'noteEnding' },
        'child.due': { guard: 'restartsAlone', actions: 'askTurn' },
      },
      states: {
        roster: {
          initial: 'starting',
          states: {
            starting: {
              entry: ['orderStarts', 'startAwaited'],
              always: { target: 'running', guard: 'isEveryoneStarted' },
              on: {
                'child.moved': [
                  { target: '#supervisor.escalating', guard: 'isStartFailed', actions: 'noteStartFailed' },
                  { target: 'restarting-group', guard: 'failsGroup', actions: 'noteGroup' },
                  { guard: 'isAwaitedStartOver', actions: ['awaitNextDeclared', 'startAwaited'] },
                ],
              },
            },
            running: {
              entry: ['noteNoGroup', 'emitStarted', 'noteStartTold'],
              always: { target: '#supervisor.stopping', guard: 'concludes' },
              on: {
                'child.moved': { target: 'restarting-group', guard: 'failsGroup', actions: 'noteGroup' },
                'child.due': [
                  { guard: 'restartsAlone', actions: 'askTurn' },
                  { target: 'restarting-group', actions: 'noteGroupDue' },
                ],
              },
            },
            'restarting-group': {
              initial: 'stopping',
              states: {
                stopping: {
                  entry: ['reserveGroup', 'holdTheRest', 'awaitLastRunning', 'holdAwaited'],
                  always: { target: 'waiting', guard: 'isGroupStill' },
                  on: {
                    'child.moved': [
                      { target: 'stopping', reenter: true, guard: 'widensGroup', actions: 'noteGroup' },
                      { guard: 'isAwaitedStill', actions: ['awaitLastRunning', 'holdAwaited'] },
                    ],
                  },
                },
                waiting: {
                  always: [
                    { target: '#supervisor.stopping', guard: 'concludes' },
                    { target: '#supervisor.active.roster.held', guard: 'isGroupBlocked' },
                    {
                      target: '#supervisor.active.roster.running',
                      guard: 'isGroupAbandoned',
                      actions: 'abandonGroup',
                    },
                    { target: 'queued', guard: 'isGroupDue', actions: 'orderGroup' },
                  ],
                  on: {
                    'child.moved': [
                      { target: 'stopping', guard: 'widensGroup', actions: 'noteGroup' },
                      { guard: 'leavesGroup', actions: 'dropFromGroup' },
                      { actions: 'look' },
                    ],
                    'child.due': { actions: 'look' },
                  },
                },
                // Until the storm guard lets the group start, calls are served as in `waiting`. One turn is for all of it:
                // its members start one after the other, so that they are no storm.
                queued: {
                  entry: 'askTurnForAwaited',
                  always: [
                    { target: '#supervisor.active.roster.running', guard: 'isEveryoneStarted' },
                    { target: '#supervisor.stopping', guard: 'concludes' },
                  ],
                  on: {
                    'child.moved': [
                      { target: 'stopping', guard: 'failsGroup', actions: 'noteGroup' },
                      { target: 'starting', guard: 'isAwaitedStarting' },
                      { target: '#supervisor.active.roster.running', guard: 'abandonsGroup', actions: 'abandonGroup' },
                      { target: 'queued', reenter: true, guard: 'isAwaitedGone', actions: 'awaitNextMember' },
                      {
                        target: 'starting',
                        guard: 'isAwaitedStartOver',
                        actions: ['awaitNextMember', 'restartAwaited'],
                      },
                      { guard: 'leavesGroup', actions: 'dropFromGroup' },
                    ],
                  },
                },
                starting: {
                  always: { target: '#supervisor.active.roster.running', guard: 'isEveryoneStarted' },
                  on: {
                    'child.moved': [
                      { target: 'stopping', guard: 'failsGroup', actions: 'noteGroup' },
                      { target: '#supervisor.stopping', guard: 'concludesHere' },
                      { guard: 'isAwaitedStartOver', actions: ['awaitNextMember', 'restartAwaited'] },
                    ],
                  },
                },
              },
            },
            held: {
              entry: 'emitHeld',
              always: [
                { target: '#supervisor.stopping', guard: 'concludes' },
                { target: 'restarting-group.waiting', guard: 'isGroupFree', actions: 'emitReleased' },
              ],
              on: {
                'child.moved': [
                  { target: 'restarting-group.stopping', guard: 'widensGroup', actions: 'noteGroup' },
                  { guard: 'leavesGroup', actions: 'dropFromGroup' },
                  { actions: 'look' },
                ],
                'child.due': { actions: 'look' },
              },
            },
          },
        },
        // Children crash while others still start: turns are given from the first moment on.
        turns: {
          initial: 'open',
          states: {
            open: { on: { 'turns.throttled': { target: 'throttled', actions: 'noteThrottled' } } },
            throttled: { entry: 'emitThrottled', on: { 'turns.open': 'open' } },
          },
        },
      },
    },
    stopping: {
      entry: ['retireAll', 'stopTogether', 'awaitLastUp', 'stopAwaited'],
      always: { target: 'stopped', guard: 'isEveryChildDown' },
      on: {
        'child.moved': { guard: 'isAwaitedDown', actions: ['awaitLastUp', 'stopAwaited'] },
        'supervisor.kill': 'killing',
      },
      after: { commonShutdown: 'killing' },
    },
    escalating: {
      entry: ['emitEscalated', 'retireAll', 'stopTogether', 'awaitLastUp', 'stopAwaited'],
      always: { target: 'stopped', guard: 'isEveryChildDown' },
      on: {
        'child.moved': { guard: 'isAwaitedDown', actions: ['awaitLastUp', 'stopAwaited'] },
        'supervisor.kill': 'killing',
      },
      after: { commonShutdown: 'killing' },
    },
    killing: {
      entry: ['awaitAnyone', 'retireAll', 'killAll'],
      always: { target: 'stopped', guard: 'isEveryChildDown' },
      on: { 'child.moved': { guard: 'isAwaitedDown', actions: 'look' } },
    },
    stopped: { type: 'final', entry: 'emitStopped' },
  },
})
