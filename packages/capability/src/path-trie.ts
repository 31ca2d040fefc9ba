import type { SegmentGlob } from './segment-glob.js'

/** A rule that ends at a node: in which list of the table it stands, for which actions, and its index in the table's rules. */
export type PathRuleRef = { readonly list: number; readonly bits: number; readonly rule: number }

/**
 * A trie of path patterns by segment, as plain data. Patterns that begin alike share nodes, so that a walk costs at most
 * (nodes that are active) × (segments), whatever the patterns are. Node 0 is the root; a child's index is higher than its parent's.
 */
export type PathTrie = {
  readonly nodes: readonly PathTrieNode[]
  /** How many lists of rules the trie serves; `reach` has one entry for each. */
  readonly lists: number
}

export type PathTrieNode = {
  readonly literals: ReadonlyMap<string, number> | undefined
  readonly globs: readonly { readonly glob: SegmentGlob; readonly node: number }[]
  /** The child that stands for `**`, or -1. It is active whenever this node is. */
  readonly deep: number
  /** Whether this node itself stands for `**`: it stays active for every further segment. */
  readonly loops: boolean
  /** Whether it `loops` and leads nowhere else: whatever follows, its rules match. */
  readonly settles: boolean
  readonly rules: readonly PathRuleRef[]
  /** For each list, the action bits of all rules that end here or further down. */
  readonly reach: readonly number[]
  /** A number that two nodes share exactly when the same rules' lists and bits hang below them; 0 when nothing does. */
  readonly below: number
}
