import type { ComponentView, SupervisorView } from '@bulkhead/supervisors'
import type { ApprovalState, TrustLevel } from '@bulkhead/vocabulary'

/** One child in the view of a whole tree. */
export type TreeChildView = ComponentView & {
  /** The component as the tree file names it. */
  readonly component: string
  readonly trust: TrustLevel
  readonly approval: ApprovalState
  /** Absent: it takes no messages. */
  readonly messages?: { readonly depth: number; readonly depthMax: number }
}

/** A supervisor with all below it, in start order. Plain data, true at the moment of the call. */
export type TreeView = Omit<SupervisorView, 'children'> & {
  readonly children: readonly (TreeView | TreeChildView)[]
}

/** What the runtime knows of a child and its supervision does not. */
export type ChildFacts = Pick<TreeChildView, 'component' | 'trust' | 'approval' | 'messages'>

/** The supervision's view, joined with what the runtime knows of each child. */
export function treeView(supervisor: SupervisorView, factsOf: (child: string) => ChildFacts | undefined): TreeView {
  const children = supervisor.children.flatMap<TreeView | TreeChildView>((member) => {
    if (member.kind === 'supervisor') return [treeView(member, factsOf)]
    const facts = factsOf(member.id)
    return facts === undefined ? [] : [{ ...member, ...facts }]
  })
  return { ...supervisor, children }
}
