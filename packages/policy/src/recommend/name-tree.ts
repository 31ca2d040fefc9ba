import type { TalliedAccess } from './access-tally.js'

/** One segment of a pattern over names that have segments: paths, topics, storage keys, variables. */
export type NamePart =
  | { readonly kind: 'literal'; readonly text: string }
  /** Any one segment. */
  | { readonly kind: 'any' }
  /** All that may follow. */
  | { readonly kind: 'rest' }

export const anyPart: NamePart = { kind: 'any' }
export const restPart: NamePart = { kind: 'rest' }

/** Names by their segments. */
export type NameTree = {
  readonly children: Map<string, NameTree>
  /** What several children have in common, once their own names no longer count. */
  any: NameTree | undefined
  /** What ends here. */
  readonly here: TalliedAccess[]
}

export function emptyTree(): NameTree {
  return { children: new Map(), any: undefined, here: [] }
}

export function insertName(tree: NameTree, segments: readonly string[], access: TalliedAccess): void {
  let node = tree
  for (const segment of segments) {
    const known = node.children.get(segment)
    const next = known ?? emptyTree()
    if (known === undefined) node.children.set(segment, next)
    node = next
  }
  node.here.push(access)
}

/** All accesses of a tree. */
export function membersOf(tree: NameTree): TalliedAccess[] {
  const members: TalliedAccess[] = []
  const open = [tree]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    members.push(...node.here)
    open.push(...subtrees(node))
  }
  return members
}

export function subtrees(tree: NameTree): NameTree[] {
  return tree.any === undefined ? [...tree.children.values()] : [...tree.children.values(), tree.any]
}

/** What is below the roots, as one tree; what ends in a root itself stays out. The roots are left as they are. */
export function unionBelow(roots: readonly NameTree[]): NameTree {
  const union = emptyTree()
  const open: { readonly into: NameTree; readonly from: NameTree }[] = roots.map((from) => ({ into: union, from }))
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const [name, child] of step.from.children) {
      const into = step.into.children.get(name) ?? emptyTree()
      step.into.children.set(name, into)
      into.here.push(...child.here)
      open.push({ into, from: child })
    }
  }
  return union
}

/** Whether the pattern matches any name of the tree. `rest` after nothing counts as a match only where `restFrom` is 0. */
export function matchesAny(tree: NameTree, pattern: readonly NamePart[], restFrom: 0 | 1): boolean {
  let nodes: readonly NameTree[] = [tree]
  for (const part of pattern) {
    if (part.kind === 'rest') {
      return nodes.some((node) => node.children.size > 0 || (restFrom === 0 && node.here.length > 0))
    }
    if (part.kind === 'any') {
      nodes = nodes.flatMap((node) => [...node.children.values()])
    } else {
      nodes = nodes.flatMap((node) => node.children.get(part.text) ?? [])
    }
    if (nodes.length === 0) return false
  }
  return nodes.some(({ here }) => here.length > 0)
}
