import type { PathTrie, PathTrieNode } from './path-trie.js'
import {
  matchesEverySegment,
  type SegmentGlob,
  segmentCovers,
  segmentMatches,
  segmentsMayMeet,
} from './segment-glob.js'

/**
 * Where the patterns of a trie may stand, and where they surely stand, after some path out of a set of paths. `may` is never
 * too small: it is for rules that allow. `must` is never too large: it is for rules that refuse. For a single path both are
 * the same, exactly.
 */
export type PathState = { readonly may: readonly number[]; readonly must: readonly number[] }

/**
 * What one more segment may be, so that all segments fall into one of a few classes: this very name, some name that a glob
 * matches, or any name that no literal and no glob of `may` means.
 */
export type SegmentClass =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'glob'; readonly glob: SegmentGlob }
  | { readonly kind: 'other' }

/** The state before the first segment. */
export function startState(trie: PathTrie): PathState {
  const root = closure(trie, [0])
  return { may: root, must: root }
}

/**
 * The classes of segments that lead anywhere from a state. Every segment is in one of them, or ends all that may be. Globs
 * stand first: below a `**`, names lead to names again, and a search would try all of them before it went on.
 */
export function classesFrom(trie: PathTrie, { may }: PathState): readonly SegmentClass[] {
  const literals = new Set<string>()
  const globs: SegmentClass[] = []
  let loops = false
  for (const at of may) {
    const node = nodeAt(trie, at)
    for (const text of node.literals?.keys() ?? []) literals.add(text)
    for (const { glob } of node.globs) globs.push({ kind: 'glob', glob })
    loops ||= node.loops
  }
  const named = [...literals].map((text): SegmentClass => ({ kind: 'literal', text }))
  return loops ? [...globs, ...named, { kind: 'other' }] : [...globs, ...named]
}

/** The state after a segment of the class. */
export function stateAfter(trie: PathTrie, { may, must }: PathState, segment: SegmentClass): PathState {
  return {
    may: advance(trie, may, segment, mayMatch),
    must: advance(trie, must, segment, mustMatch),
  }
}

/** How many comparisons `stateAfter` makes at most, for each code of the segment: all codes of the globs of the state. */
export function weightOf(trie: PathTrie, { may, must }: PathState): number {
  let weight = 0
  for (const at of [...may, ...must]) {
    weight += 1
    for (const { glob } of nodeAt(trie, at).globs) weight += glob.codes.length
  }
  return weight
}

function advance(
  trie: PathTrie,
  from: readonly number[],
  segment: SegmentClass,
  matches: (glob: SegmentGlob, segment: SegmentClass) => boolean,
): readonly number[] {
  const next: number[] = []
  for (const at of from) {
    const node = nodeAt(trie, at)
    const literal = segment.kind === 'literal' ? node.literals?.get(segment.text) : undefined
    if (literal !== undefined) next.push(literal)
    for (const { glob, node: child } of node.globs) if (matches(glob, segment)) next.push(child)
    if (node.loops) next.push(at)
  }
  return closure(trie, next)
}

/** Ascending and each once, with the `**` below each of them. */
function closure(trie: PathTrie, nodes: readonly number[]): readonly number[] {
  const all = new Set<number>(nodes)
  // Grows while it is visited: what is added is visited too.
  for (const at of all) {
    const { deep } = nodeAt(trie, at)
    if (deep !== -1) all.add(deep)
  }
  return [...all].sort((one, other) => one - other)
}

function mayMatch(glob: SegmentGlob, segment: SegmentClass): boolean {
  switch (segment.kind) {
    case 'literal':
      return segmentMatches(glob, segment.text)
    case 'glob':
      return segmentsMayMeet(glob, segment.glob)
    case 'other':
      return false
  }
}

function mustMatch(glob: SegmentGlob, segment: SegmentClass): boolean {
  switch (segment.kind) {
    case 'literal':
      return segmentMatches(glob, segment.text)
    case 'glob':
      return matchesEverySegment(glob) || segmentCovers(glob, segment.glob)
    case 'other':
      return matchesEverySegment(glob)
  }
}

export function nodeAt(trie: PathTrie, at: number): PathTrieNode {
  const node = trie.nodes[at]
  if (node === undefined) throw new RangeError(`the trie has no node ${at}`)
  return node
}
