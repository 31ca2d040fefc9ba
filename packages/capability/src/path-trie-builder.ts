import type { GrantLimits } from '@bulkhead/vocabulary'
import { generosity } from './grant-limits.js'
import type { PathSegment } from './path-pattern.js'
import type { PathRuleRef, PathTrie, PathTrieNode } from './path-trie.js'
import type { SegmentGlob } from './segment-glob.js'

type Draft = {
  readonly literals: Map<string, number>
  readonly globs: Map<string, { readonly glob: SegmentGlob; readonly node: number }>
  readonly loops: boolean
  readonly rules: PathRuleRef[]
  deep: number
}

/** Collects path patterns into a `PathTrie`. Rules must come in the order of their `rule` index. */
export class PathTrieBuilder {
  readonly #drafts: Draft[] = [newDraft(false)]
  readonly #lists: number

  constructor(lists: number) {
    this.#lists = lists
  }

  add(segments: readonly PathSegment[], ref: PathRuleRef): void {
    let node = 0
    for (const segment of segments) node = this.#child(node, segment)
    this.#draft(node).rules.push(ref)
  }

  /** `limits` by index of the rule, of those rules that have any: they are part of what a rule allows. */
  build(limits: ReadonlyMap<number, GrantLimits>): PathTrie {
    const shapes = new ShapeNumbers()
    const nodes: PathTrieNode[] = new Array<PathTrieNode>(this.#drafts.length)
    const full: number[] = new Array<number>(this.#drafts.length).fill(0)
    // Children have higher indexes, so that going down the list meets every child before its parent.
    for (let index = this.#drafts.length - 1; index >= 0; index--) {
      const draft = this.#draft(index)
      const globs = [...draft.globs.values()]
      const children = describeChildren(draft, full)
      const deep = draft.deep === -1 ? '' : ` **:${full[draft.deep]}`
      const own = describeRules(draft.rules, limits)
      const below = children === '' ? 0 : shapes.of(`below ${children}`)
      full[index] = shapes.of(`${draft.loops ? 'loop' : 'node'} ${own} ${children}${deep}`)
      nodes[index] = {
        literals: draft.literals.size === 0 ? undefined : draft.literals,
        globs,
        deep: draft.deep,
        loops: draft.loops,
        settles: draft.loops && draft.literals.size === 0 && globs.length === 0,
        rules: draft.rules,
        reach: this.#reach(draft, nodes),
        // What loops is below itself, with its own rules. A `**` child is left out: it is active beside this node.
        below: draft.loops ? (full[index] ?? 0) : below,
      }
    }
    return { nodes, lists: this.#lists }
  }

  #child(parent: number, segment: PathSegment): number {
    const draft = this.#draft(parent)
    switch (segment.kind) {
      case 'deep': {
        if (draft.deep === -1) draft.deep = this.#push(true)
        return draft.deep
      }
      case 'literal': {
        const known = draft.literals.get(segment.text)
        if (known !== undefined) return known
        const node = this.#push(false)
        draft.literals.set(segment.text, node)
        return node
      }
      case 'glob': {
        const key = globKey(segment.glob)
        const known = draft.globs.get(key)
        if (known !== undefined) return known.node
        const node = this.#push(false)
        draft.globs.set(key, { glob: segment.glob, node })
        return node
      }
    }
  }

  #push(loops: boolean): number {
    return this.#drafts.push(newDraft(loops)) - 1
  }

  #draft(index: number): Draft {
    const draft = this.#drafts[index]
    if (draft === undefined) throw new RangeError(`the trie has no node ${index}`)
    return draft
  }

  #reach(draft: Draft, nodes: readonly (PathTrieNode | undefined)[]): number[] {
    const reach = new Array<number>(this.#lists).fill(0)
    for (const { list, bits } of draft.rules) reach[list] = (reach[list] ?? 0) | bits
    const children = [...draft.literals.values(), ...[...draft.globs.values()].map(({ node }) => node)]
    if (draft.deep !== -1) children.push(draft.deep)
    for (const child of children) {
      for (const [list, bits] of (nodes[child]?.reach ?? []).entries()) reach[list] = (reach[list] ?? 0) | bits
    }
    return reach
  }
}

/** Numbers for descriptions: equal descriptions, equal numbers. */
class ShapeNumbers {
  readonly #numbers = new Map<string, number>()

  of(description: string): number {
    const known = this.#numbers.get(description)
    if (known !== undefined) return known
    const number = this.#numbers.size + 1
    this.#numbers.set(description, number)
    return number
  }
}

function newDraft(loops: boolean): Draft {
  return { literals: new Map(), globs: new Map(), loops, rules: [], deep: -1 }
}

function globKey(glob: SegmentGlob): string {
  return JSON.stringify([glob.codes, glob.classes])
}

/** The children with the numbers of their whole subtries, in an order that does not depend on that of the rules. */
function describeChildren(draft: Draft, full: readonly number[]): string {
  const parts: string[] = []
  for (const [text, node] of draft.literals) parts.push(`${JSON.stringify(text)}:${full[node]}`)
  for (const [key, { node }] of draft.globs) parts.push(`${key}:${full[node]}`)
  return parts.sort().join(' ')
}

/**
 * Which actions of which lists end here, and how generous the most generous rule is for each; which rule it is makes no
 * difference to what is allowed. Equal texts, equal answers.
 */
export function describeRules(rules: readonly PathRuleRef[], limits: ReadonlyMap<number, GrantLimits>): string {
  const most = new Map<string, number>()
  for (const { list, bits, rule } of rules) {
    const amount = generosity('filesystem', limits.get(rule))
    for (let bit = 1; bit <= bits; bit <<= 1) {
      const key = `${list}.${bit}`
      if ((bits & bit) !== 0) most.set(key, Math.max(amount, most.get(key) ?? 0))
    }
  }
  return [...most]
    .map(([key, amount]) => `${key}=${amount}`)
    .sort()
    .join()
}
