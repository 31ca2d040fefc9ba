import type { ChildView, Health } from './child-view.js'
import { SupervisedChild } from './supervised-child.js'
import type { SupervisorNode } from './supervisor-node.js'
import type { AutoShutdown, ProfileName, Strategy } from './supervisor-plan.js'
import type { SupervisorState } from './supervisor-state.js'

/** What anyone may see of a supervisor and of all below it. Plain data, true at the moment of the call. */
export type SupervisorView = {
  readonly kind: 'supervisor'
  readonly name: string
  readonly state: SupervisorState
  readonly strategy: Strategy
  readonly profile: ProfileName
  readonly autoShutdown: AutoShutdown
  readonly isPool: boolean
  readonly health: Health
  /** Why it ended, or what it is held by. */
  readonly reason?: string
  /** When it entered its state: wall clock, milliseconds since 1970 UTC. */
  readonly sinceMs: number
  /** Under profile `otp`: restarts that all its children together have left. */
  readonly restartsLeft?: number
  /** What its own supervisor knows of it; absent for the root. */
  readonly asChild?: ChildView
  /** In start order. */
  readonly children: readonly (SupervisorView | ComponentView)[]
}

/** A component in a tree's view. */
export type ComponentView = ChildView & { readonly kind: 'child' }

export function viewOfNode(node: SupervisorNode, asChild?: ChildView): SupervisorView {
  const { strategy = 'one_for_one', profile = 'default', autoShutdown = 'never' } = node.plan
  const { sinceMs, reason, isFailure, restartsLeft } = node.standing
  const children = node.shown.map((member) => {
    if (member instanceof SupervisedChild) return componentView(member)
    return member.nested === undefined
      ? componentView(member.child)
      : viewOfNode(member.nested.node, member.child.view())
  })
  return {
    kind: 'supervisor',
    name: node.name,
    state: node.state,
    strategy,
    profile,
    autoShutdown,
    isPool: node.isPool,
    health: healthOf(node.state, children, isFailure ? reason : undefined),
    ...(reason === undefined ? {} : { reason }),
    sinceMs,
    ...(profile === 'otp' ? { restartsLeft } : {}),
    ...(asChild === undefined ? {} : { asChild }),
    children,
  }
}

function componentView(child: SupervisedChild): ComponentView {
  return { ...child.view(), kind: 'child' }
}

/** A supervisor is as well as it can do its work: what keeps a group of its children down degrades it, one child does not. */
function healthOf(
  state: SupervisorState,
  children: readonly (SupervisorView | ComponentView)[],
  reason: string | undefined,
): Health {
  switch (state) {
    case 'held':
      return { status: 'degraded', reasons: children.filter(isBlocking).map(blockedBy) }
    case 'restarting-group':
    case 'throttled':
      return { status: 'degraded', reasons: [state] }
    case 'escalating':
      return { status: 'failed', reasons: [reason ?? state] }
    case 'stopped':
      return reason === undefined ? { status: 'healthy', reasons: [] } : { status: 'failed', reasons: [reason] }
    default:
      return { status: 'healthy', reasons: [] }
  }
}

function isBlocking(child: SupervisorView | ComponentView): boolean {
  const state = child.kind === 'child' ? child.state : child.asChild?.state
  return state === 'quarantined' || state === 'zombie'
}

function blockedBy(child: SupervisorView | ComponentView): string {
  return child.kind === 'child' ? `${child.id} is ${child.state}` : `${child.name} is ${child.asChild?.state}`
}
