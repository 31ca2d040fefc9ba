import type { RoleMembership } from './roles.js'

export type RoleGraphProblem = {
  readonly kind: 'cycle' | 'too-deep'
  /** The link that closes the circle, or begins the chain. */
  readonly at: RoleMembership
  /** The names along the links. In a circle the first and the last are the same. */
  readonly chain: readonly string[]
}

/** A name on the way from the start to where the walk stands: which of its links comes next, and the deepest one so far. */
type Step = {
  readonly name: string
  next: number
  deepest: { readonly links: number; readonly link: RoleMembership } | undefined
}

/**
 * Looks for roles that contain each other, which casbin does not report, and for chains of more than `linksMax` links, which
 * its own check does not follow to the end. Depth first with a stack of its own: how deep roles nest is the author's choice.
 * Each circle is told once.
 */
export function roleGraphProblems(
  memberships: readonly RoleMembership[],
  linksMax: number,
): readonly RoleGraphProblem[] {
  const linksOf = groupByMember(memberships)
  const problems: RoleGraphProblem[] = []
  const done = new Map<string, Step>()
  for (const start of linksOf.keys()) {
    if (done.has(start)) continue
    const path: Step[] = [{ name: start, next: 0, deepest: undefined }]
    const onPath = new Set([start])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const link = linksOf.get(top.name)?.[top.next]
      const below = link === undefined ? undefined : done.get(link.role)
      if (link === undefined) {
        path.pop()
        onPath.delete(top.name)
        done.set(top.name, top)
        // Told where the bound is passed first: who builds on it would only repeat it.
        if (linksBelow(top) === linksMax + 1 && top.deepest !== undefined) {
          problems.push({ kind: 'too-deep', at: top.deepest.link, chain: chainFrom(top, done) })
        }
      } else if (below !== undefined) {
        const links = linksBelow(below) + 1
        if (links > linksBelow(top)) top.deepest = { links, link }
        top.next++
      } else if (onPath.has(link.role)) {
        const circle = path.slice(path.findIndex(({ name }) => name === link.role)).map(({ name }) => name)
        problems.push({ kind: 'cycle', at: link, chain: [...circle, link.role] })
        top.next++
      } else {
        // This link comes again when what is below it is known.
        path.push({ name: link.role, next: 0, deepest: undefined })
        onPath.add(link.role)
      }
    }
  }
  return problems
}

/** The most links between a name and a role below it. */
function linksBelow({ deepest }: Step): number {
  return deepest?.links ?? 0
}

function chainFrom(start: Step, done: ReadonlyMap<string, Step>): readonly string[] {
  const chain: string[] = []
  for (let step: Step | undefined = start; step !== undefined; ) {
    chain.push(step.name)
    step = step.deepest === undefined ? undefined : done.get(step.deepest.link.role)
  }
  return chain
}

function groupByMember(memberships: readonly RoleMembership[]): ReadonlyMap<string, readonly RoleMembership[]> {
  const groups = new Map<string, RoleMembership[]>()
  for (const membership of memberships) {
    const group = groups.get(membership.member)
    if (group === undefined) groups.set(membership.member, [membership])
    else group.push(membership)
  }
  return groups
}
