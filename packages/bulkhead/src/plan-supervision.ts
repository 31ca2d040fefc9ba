// From the supervisors of a tree file to what the supervision runs.

import type { ChildSpec, SupervisorSpec } from '@bulkhead/manifest'
import type { ChildPlan, SupervisorPlan } from '@bulkhead/supervisors'

/** What a tree's root gives the supervision: as any supervisor's plan, without what it is to a supervisor above it. */
export type RootPlan = Omit<SupervisorPlan, 'kind' | 'restart' | 'shutdownMs' | 'significant'>

/**
 * The plan of the root supervisor and of all below it.
 *
 * @param plansOf the plans of one entry's members: one, or those of a pool's instances.
 */
export function planSupervision(root: SupervisorSpec, plansOf: (spec: ChildSpec) => readonly ChildPlan[]): RootPlan {
  const { name, strategy, intensity, profile, autoShutdown, children } = root
  return {
    ...{ name, strategy, intensity, profile, autoShutdown },
    // `max_children` of the file counts entries; a pool's instances are one.
    children: children.flatMap<ChildPlan | SupervisorPlan>((member) =>
      member.kind === 'child' ? plansOf(member) : [planSupervisor(member, plansOf)],
    ),
  }
}

function planSupervisor(spec: SupervisorSpec, plansOf: (spec: ChildSpec) => readonly ChildPlan[]): SupervisorPlan {
  const { restart, shutdownMs, significant } = spec
  return {
    kind: 'supervisor',
    ...planSupervision(spec, plansOf),
    ...(restart === undefined ? {} : { restart }),
    ...{ shutdownMs, significant },
  }
}

/** All children below a supervisor, at any depth, in start order. */
export function childrenBelow(spec: SupervisorSpec): readonly ChildSpec[] {
  return spec.children.flatMap((member) => (member.kind === 'child' ? [member] : childrenBelow(member)))
}

/** The supervisor of each child, by the child's id. */
export function supervisorsOf(spec: SupervisorSpec): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const note = (supervisor: SupervisorSpec): void => {
    for (const member of supervisor.children) {
      if (member.kind === 'child') found.set(member.id, supervisor.name)
      else note(member)
    }
  }
  note(spec)
  return found
}
