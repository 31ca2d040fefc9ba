// From the supervisors of a tree file to what the supervision runs.

import type { ChildSpec, SupervisorSpec } from '@bulkhead/manifest'
import type { ChildPlan, PoolTemplate, SupervisorPlan } from '@bulkhead/supervisors'

/** What a tree's root gives the supervision: as any supervisor's plan, without what it is to a supervisor above it. */
export type RootPlan = Omit<SupervisorPlan, 'kind' | 'restart' | 'shutdownMs' | 'significant'>

export type Planner = {
  /** The plans of one entry's members: one, or those of its instances. */
  readonly membersOf: (spec: ChildSpec) => readonly ChildPlan[]
  /** How the members of a pool are made. */
  readonly templateOf: (spec: ChildSpec) => PoolTemplate
}

/** The plan of the root supervisor and of all below it. */
export function planSupervision(root: SupervisorSpec, planner: Planner): RootPlan {
  const { name, strategy, intensity, profile, autoShutdown, children, template, childrenMax } = root
  return {
    ...{ name, strategy, intensity, profile, autoShutdown },
    // `max_children` of the file counts entries, and of a pool its members; the instances of an entry are one.
    ...(template === undefined ? {} : { template: planner.templateOf(template), childrenMax }),
    children: children.flatMap<ChildPlan | SupervisorPlan>((member) =>
      member.kind === 'child' ? planner.membersOf(member) : [planSupervisor(member, planner)],
    ),
  }
}

/** The plan of a supervisor below another one. */
export function planSupervisor(spec: SupervisorSpec, planner: Planner): SupervisorPlan {
  const { restart, shutdownMs, significant } = spec
  return {
    kind: 'supervisor',
    ...planSupervision(spec, planner),
    ...(restart === undefined ? {} : { restart }),
    ...{ shutdownMs, significant },
  }
}

/** All entries below a supervisor, at any depth, in start order; the templates of pools are entries too. */
export function childrenBelow(spec: SupervisorSpec): readonly ChildSpec[] {
  const template = spec.template === undefined ? [] : [spec.template]
  return [
    ...template,
    ...spec.children.flatMap((member) => (member.kind === 'child' ? [member] : childrenBelow(member))),
  ]
}

/** The supervisor of each entry, by the entry's id. */
export function supervisorsOf(spec: SupervisorSpec): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const note = (supervisor: SupervisorSpec): void => {
    if (supervisor.template !== undefined) found.set(supervisor.template.id, supervisor.name)
    for (const member of supervisor.children) {
      if (member.kind === 'child') found.set(member.id, supervisor.name)
      else note(member)
    }
  }
  note(spec)
  return found
}
