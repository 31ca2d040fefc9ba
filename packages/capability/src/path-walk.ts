import type { PathTrie, PathTrieNode } from './path-trie.js'
import { segmentMatches } from './segment-glob.js'

/**
 * Walks one trie again and again, keeping its working memory between walks. All patterns advance together, one segment at
 * a time, like the states of an automaton: nothing is tried twice, so that no pattern makes a walk exponential.
 *
 * After `walk`, the nodes at which the path ended are `active`; those below which everything matches are `settled`. Both
 * are valid until the next walk.
 */
export class PathWalk {
  readonly trie: PathTrie
  activeCount = 0
  settledCount = 0
  #active: Int32Array
  #next: Int32Array
  readonly #settled: Int32Array
  /** The step in which a looping node was activated: it can be reached by itself and by its parent. */
  readonly #activatedAt: Float64Array
  #step = 0
  #walkStart = 0

  constructor(trie: PathTrie) {
    this.trie = trie
    this.#active = new Int32Array(trie.nodes.length)
    this.#next = new Int32Array(trie.nodes.length)
    this.#settled = new Int32Array(trie.nodes.length)
    this.#activatedAt = new Float64Array(trie.nodes.length)
  }

  /** `path` must be canonical. It is cut into segments only as far as some pattern still follows it. */
  walk(path: string): void {
    this.#walkStart = ++this.#step
    this.activeCount = 0
    this.settledCount = 0
    this.#activate(0)
    let start = 1
    while (start < path.length && this.activeCount > 0) {
      const slash = path.indexOf('/', start)
      const end = slash === -1 ? path.length : slash
      this.#advance(path.slice(start, end))
      start = end + 1
    }
  }

  active(index: number): PathTrieNode {
    return this.#node(this.#active[index] ?? -1)
  }

  settled(index: number): PathTrieNode {
    return this.#node(this.#settled[index] ?? -1)
  }

  #advance(segment: string): void {
    const before = this.#active
    const count = this.activeCount
    this.#active = this.#next
    this.#next = before
    this.activeCount = 0
    this.#step++
    for (let index = 0; index < count; index++) {
      const at = before[index] ?? -1
      const node = this.#node(at)
      const literal = node.literals?.get(segment)
      if (literal !== undefined) this.#activate(literal)
      const globs = node.globs
      for (let glob = 0; glob < globs.length; glob++) {
        const child = globs[glob]
        if (child !== undefined && segmentMatches(child.glob, segment)) this.#activate(child.node)
      }
      if (node.loops) this.#activate(at)
    }
  }

  #activate(at: number): void {
    const node = this.#node(at)
    if (node.loops) {
      const since = this.#activatedAt[at] ?? 0
      if (node.settles ? since >= this.#walkStart : since === this.#step) return
      this.#activatedAt[at] = this.#step
      if (node.settles) {
        this.#settled[this.settledCount++] = at
        return
      }
    }
    this.#active[this.activeCount++] = at
    if (node.deep !== -1) this.#activate(node.deep)
  }

  #node(at: number): PathTrieNode {
    const node = this.trie.nodes[at]
    if (node === undefined) throw new RangeError(`the trie has no node ${at}`)
    return node
  }
}
