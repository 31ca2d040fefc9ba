import { actionsByKind, type Request } from '@bulkhead/vocabulary'
import { isCanonicalPath, splitCanonical } from './canonical-path.js'
import { type CapabilityTable, forbiddenList } from './capability-table.js'
import { Decider } from './decider.js'
import { somethingGrantedBelow } from './grant-search.js'
import type { PathRuleRef, PathTrie, PathTrieNode } from './path-trie.js'
import { describeRules } from './path-trie-builder.js'
import { PathWalk } from './path-walk.js'

/** The actions on files. */
export type FileAction = (typeof actionsByKind)['filesystem'][number]

/** A place in the guest's name space and the host file behind it, where something is mounted. */
export type FilePlace = { readonly path: string; readonly hostPath?: string | undefined }

/**
 * Whether something at `path` or below it is granted for some file action, by every layer or by the operator, by the roles,
 * and against no deny rule. A directory that leads to no grant is neither listed to the guest nor walked through for a
 * symlink (SPEC 2.1).
 *
 * Never false when something is granted there. Exact where the patterns hold no other wildcards than `*` and `**`; with
 * others, or with patterns so entangled that the search would not end soon, it may be true although nothing is. The forbidden
 * list is not looked at: it is about host paths. It opens nothing: what is done there is decided by itself.
 *
 * @param actions which ones are looked for; all of them when left out.
 */
export function leadsToGrant(
  table: CapabilityTable,
  path: string,
  actions: readonly FileAction[] = actionsByKind.filesystem,
): boolean {
  const segments = splitCanonical(path)
  return segments !== undefined && somethingGrantedBelow(table, segments, actions)
}

/**
 * Whether the table gives the same answer, for every file action, for every path strictly below `from` and the same
 * relative path strictly below `to` (SPEC 2.2): then a directory may move between them without anything in it changing
 * hands. `from` and `to` themselves are not compared: ask `allowedActions` for them.
 *
 * Sound: never true when one answer differs; it may be false when the rules say the same in different words. Where the
 * table forbids host paths, both places need their `hostPath`, else the answer is false.
 */
export function sameBelow(table: CapabilityTable, from: FilePlace, to: FilePlace): boolean {
  if (!sameInTrie(table, table.files, from.path, to.path)) return false
  if (table.forbiddenFiles.nodes[0]?.reach[forbiddenList] === 0) return true
  if (from.hostPath === undefined || to.hostPath === undefined) return false
  return sameInTrie(table, table.forbiddenFiles, from.hostPath, to.hostPath)
}

/** The file actions that the table grants at a place, the forbidden list included where `hostPath` is given. */
export function allowedActions(table: CapabilityTable, { path, hostPath }: FilePlace): ReadonlySet<FileAction> {
  const decider = deciderOf(table)
  const granted = actionsByKind.filesystem.filter((action) => {
    const request = { kind: 'filesystem', action, resource: path } as const satisfies Request
    return decider.decide(hostPath === undefined ? request : { ...request, hostPath }).verdict === 'granted'
  })
  return new Set(granted)
}

/**
 * What matches below a path depends only on the nodes that are active after it. Each node has a number for what hangs
 * below it, so that two equal sets of numbers mean equal answers.
 */
function sameInTrie(table: CapabilityTable, trie: PathTrie, from: string, to: string): boolean {
  const left = shapeBelow(table, trie, from)
  const right = shapeBelow(table, trie, to)
  if (left === undefined || right === undefined || left.below.size !== right.below.size) return false
  for (const shape of left.below) if (!right.below.has(shape)) return false
  return left.everywhere === right.everywhere
}

type Shape = {
  /** What holds for everything below, described so that equal texts mean equal answers. */
  readonly everywhere: string
  /** The numbers of what else hangs below. */
  readonly below: ReadonlySet<number>
}

function shapeBelow({ limits }: CapabilityTable, trie: PathTrie, path: string): Shape | undefined {
  if (!isCanonicalPath(path)) return undefined
  const walk = walkOf(trie)
  walk.walk(path)
  const settled: PathRuleRef[] = []
  const everywhere = new Array<number>(trie.lists).fill(0)
  for (let index = 0; index < walk.settledCount; index++) {
    settled.push(...walk.settled(index).rules)
    addReach(everywhere, walk.settled(index))
  }
  const below = new Set<number>()
  for (let index = 0; index < walk.activeCount; index++) {
    const node = walk.active(index)
    // What already holds everywhere adds nothing by holding somewhere, unless it has other limits there.
    const adds = limits.size > 0 || node.reach.some((bits, list) => (bits & ~(everywhere[list] ?? 0)) !== 0)
    if (node.below !== 0 && adds) below.add(node.below)
  }
  return { everywhere: describeRules(settled, limits), below }
}

function addReach(reach: number[], node: PathTrieNode): void {
  for (const [list, bits] of node.reach.entries()) reach[list] = (reach[list] ?? 0) | bits
}

// Working memory belongs to a table and goes with it.
const walks = new WeakMap<PathTrie, PathWalk>()
const deciders = new WeakMap<CapabilityTable, Decider>()

function walkOf(trie: PathTrie): PathWalk {
  const known = walks.get(trie)
  if (known !== undefined) return known
  const walk = new PathWalk(trie)
  walks.set(trie, walk)
  return walk
}

function deciderOf(table: CapabilityTable): Decider {
  const known = deciders.get(table)
  if (known !== undefined) return known
  const decider = new Decider(table)
  deciders.set(table, decider)
  return decider
}
