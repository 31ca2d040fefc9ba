import { parseTopicPattern } from '@bulkhead/capability'

/**
 * Topic patterns with something at each, as plain data that can be cloned to a thread. Matching visits, at each token of
 * the topic, at most as many nodes as there are patterns, whatever they are.
 */
export type TopicTrie<Value> = {
  readonly next: ReadonlyMap<string, TopicTrie<Value>>
  /** Below a `*`. */
  readonly any: TopicTrie<Value> | undefined
  /** Patterns that end here. */
  readonly here: readonly Value[]
  /** Patterns that end here in `>`. */
  readonly below: readonly Value[]
}

type Node<Value> = {
  readonly next: Map<string, Node<Value>>
  any: Node<Value> | undefined
  readonly here: Value[]
  readonly below: Value[]
}

/**
 * @throws {PatternError} when a pattern is none (SPEC 3.4).
 */
export function buildTopicTrie<Value>(entries: Iterable<readonly [pattern: string, value: Value]>): TopicTrie<Value> {
  const root = newNode<Value>()
  for (const [source, value] of entries) {
    const pattern = parseTopicPattern(source)
    let node = root
    for (const token of pattern.tokens) node = token === '*' ? anyOf(node) : nextOf(node, token)
    const values = pattern.rest ? node.below : node.here
    values.push(value)
  }
  return root
}

/** Calls back with the value of each pattern that matches a topic; the topic has passed `isTopic`. */
export function eachMatch<Value>(trie: TopicTrie<Value>, topic: string, found: (value: Value) => void): void {
  let nodes: readonly TopicTrie<Value>[] = [trie]
  for (let from = 0; from <= topic.length && nodes.length > 0; ) {
    const dot = topic.indexOf('.', from)
    const to = dot === -1 ? topic.length : dot
    const token = topic.slice(from, to)
    const deeper: TopicTrie<Value>[] = []
    for (const node of nodes) {
      for (const value of node.below) found(value)
      const next = node.next.get(token)
      if (next !== undefined) deeper.push(next)
      if (node.any !== undefined) deeper.push(node.any)
    }
    nodes = deeper
    from = to + 1
  }
  for (const node of nodes) {
    for (const value of node.here) found(value)
  }
}

/** Whether a pattern matches a topic; the topic has passed `isTopic`. */
export function matchesTopic(trie: TopicTrie<unknown>, topic: string): boolean {
  let matched = false
  eachMatch(trie, topic, () => {
    matched = true
  })
  return matched
}

function newNode<Value>(): Node<Value> {
  return { next: new Map(), any: undefined, here: [], below: [] }
}

function anyOf<Value>(node: Node<Value>): Node<Value> {
  node.any ??= newNode()
  return node.any
}

function nextOf<Value>(node: Node<Value>, token: string): Node<Value> {
  const known = node.next.get(token)
  if (known !== undefined) return known
  const made = newNode<Value>()
  node.next.set(token, made)
  return made
}
