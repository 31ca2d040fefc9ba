import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import { assign, setup } from 'xstate'
import { type ChildState, isDown, isStartOver } from './child-state.js'

// A supervisor, as a table: starts its children in order, gives out turns to restart, and ends them in reverse order. It
// owns no child machine (an error of a spawned actor would put it into `error` and orphan the rest): children are reached
// through `SupervisorWorld` and tell of their moves by events.

/** What a supervisor's machine may do. `stateOf` only reads. */
export type SupervisorWorld = {
  readonly startChild: (id: ChildId) => void
  readonly retireChild: (id: ChildId) => void
  readonly stopChild: (id: ChildId) => void
  readonly stateOf: (id: ChildId) => ChildState
  /** Queues a child whose backoff is over. */
  readonly askTurn: (id: ChildId) => void
  /** Starts queued children, oldest first, as far as the storm guard lets it. */
  readonly giveTurns: () => void
  /** Milliseconds until the storm guard may let the next queued child start; 0 when none is queued. */
  readonly turnDelayMs: () => number
  readonly emitStarted: () => void
  readonly emitThrottled: (delayMs: number) => void
  readonly emitEscalated: (cause: Escalation) => void
  readonly emitStopped: (cause: Escalation | undefined) => void
}

/** The trusted child that could not be kept up, and its last exit. */
export type Escalation = { readonly child: ChildId; readonly report: ExitReport }

export type SupervisorContext = {
  readonly world: SupervisorWorld
  readonly childrenInStartOrder: readonly ChildId[]
  /** While starting: the child whose start is awaited. While ending: the child whose stop is awaited; -1 when none is. */
  readonly cursor: number
  readonly turnDelayMs: number
  readonly cause: Escalation | undefined
}

export type SupervisorMachineEvent =
  | { readonly type: 'supervisor.start' }
  | { readonly type: 'supervisor.stop' }
  | { readonly type: 'child.moved'; readonly child: ChildId; readonly state: ChildState }
  | { readonly type: 'child.due'; readonly child: ChildId }
  | { readonly type: 'child.escalated'; readonly cause: Escalation }

export type SupervisorMachineInput = {
  readonly world: SupervisorWorld
  readonly childrenInStartOrder: readonly ChildId[]
}

/** The last child in start order that is not down yet; -1 when all are. */
function lastUp(context: SupervisorContext): number {
  return context.childrenInStartOrder.findLastIndex((id) => !isDown(context.world.stateOf(id)))
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
      event.child === context.childrenInStartOrder[context.cursor] &&
      isStartOver(event.state),
    isRosterStarted: ({ context }) => context.cursor >= context.childrenInStartOrder.length,
    isAwaitedDown: ({ context, event }) =>
      event.type === 'child.moved' &&
      event.child === context.childrenInStartOrder[context.cursor] &&
      isDown(event.state),
    isEveryChildDown: ({ context }) => context.cursor < 0,
    isTurnAwaited: ({ context }) => context.turnDelayMs > 0,
  },
  delays: { nextTurn: ({ context }) => context.turnDelayMs },
  actions: {
    startAwaited: ({ context }) => {
      const id = context.childrenInStartOrder[context.cursor]
      if (id !== undefined) context.world.startChild(id)
    },
    awaitNextStart: assign({ cursor: ({ context }) => context.cursor + 1 }),
    askTurn: ({ context, event }) => {
      if (event.type === 'child.due') context.world.askTurn(event.child)
    },
    giveTurns: ({ context }) => context.world.giveTurns(),
    noteTurnDelay: assign({ turnDelayMs: ({ context }) => context.world.turnDelayMs() }),
    retireAll: ({ context }) => {
      for (const id of context.childrenInStartOrder.toReversed()) context.world.retireChild(id)
    },
    awaitLastUp: assign({ cursor: ({ context }) => lastUp(context) }),
    stopAwaited: ({ context }) => {
      const id = context.childrenInStartOrder[context.cursor]
      if (id !== undefined) context.world.stopChild(id)
    },
    noteCause: assign({ cause: ({ event }) => (event.type === 'child.escalated' ? event.cause : undefined) }),
    emitStarted: ({ context }) => context.world.emitStarted(),
    emitThrottled: ({ context }) => context.world.emitThrottled(context.turnDelayMs),
    emitEscalated: ({ context }) => {
      if (context.cause !== undefined) context.world.emitEscalated(context.cause)
    },
    emitStopped: ({ context }) => context.world.emitStopped(context.cause),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({
    world: input.world,
    childrenInStartOrder: input.childrenInStartOrder,
    cursor: 0,
    turnDelayMs: 0,
    cause: undefined,
  }),
  initial: 'declared',
  states: {
    declared: {
      on: { 'supervisor.start': 'active', 'supervisor.stop': 'stopping' },
    },
    active: {
      type: 'parallel',
      on: {
        'supervisor.stop': 'stopping',
        'child.escalated': { target: 'escalating', actions: 'noteCause' },
      },
      states: {
        roster: {
          initial: 'starting',
          states: {
            starting: {
              entry: 'startAwaited',
              always: { target: 'running', guard: 'isRosterStarted' },
              on: { 'child.moved': { guard: 'isAwaitedStartOver', actions: ['awaitNextStart', 'startAwaited'] } },
            },
            running: { entry: 'emitStarted' },
          },
        },
        // Children crash while others still start: turns are given from the first moment on.
        turns: {
          initial: 'open',
          states: {
            open: {
              on: { 'child.due': { actions: ['askTurn', 'giveTurns', 'noteTurnDelay'] } },
              always: { target: 'throttled', guard: 'isTurnAwaited', actions: 'emitThrottled' },
            },
            throttled: {
              on: { 'child.due': { actions: 'askTurn' } },
              after: { nextTurn: { target: 'giving', actions: ['giveTurns', 'noteTurnDelay'] } },
            },
            giving: {
              always: [{ target: 'throttled', guard: 'isTurnAwaited' }, { target: 'open' }],
            },
          },
        },
      },
    },
    stopping: {
      entry: ['retireAll', 'awaitLastUp', 'stopAwaited'],
      always: { target: 'stopped', guard: 'isEveryChildDown' },
      on: { 'child.moved': { guard: 'isAwaitedDown', actions: ['awaitLastUp', 'stopAwaited'] } },
    },
    escalating: {
      entry: ['emitEscalated', 'retireAll', 'awaitLastUp', 'stopAwaited'],
      always: { target: 'stopped', guard: 'isEveryChildDown' },
      on: { 'child.moved': { guard: 'isAwaitedDown', actions: ['awaitLastUp', 'stopAwaited'] } },
    },
    stopped: { type: 'final', entry: 'emitStopped' },
  },
})
