import { actionsByKind } from '@bulkhead/vocabulary'
import { type AskedBits, askedBits } from './action-bits.js'
import {
  type CapabilityTable,
  denyList,
  firstLayerList,
  operatorList,
  roleAllowList,
  roleDenyList,
} from './capability-table.js'
import { noCustomKinds } from './kind-catalogue.js'
import { searchStepsMax } from './limits.js'
import { classesFrom, nodeAt, type PathState, startState, stateAfter } from './path-states.js'
import type { PathTrie, PathTrieNode } from './path-trie.js'

/**
 * Looks for a path at or below a place that a table grants for some file action: a walk over all paths at once. Segments
 * fall into a few classes (`path-states.ts`), so that infinitely many paths are a finite graph; a branch ends where the
 * rules that allow lead no further, or where a rule refuses all that is below.
 *
 * It errs to one side: what allows may match too much, what refuses too little. A graph is as large as its author makes it,
 * so that the search ends after `searchStepsMax` and then says yes. Enumerating concrete names would miss grants; asking
 * only whether each list reaches below, without its deny rules, would show names under which everything is denied.
 */
export function somethingGrantedBelow(table: CapabilityTable, path: readonly string[]): boolean {
  const trie = table.files
  let place = startState(trie)
  for (const text of path) place = stateAfter(trie, place, { kind: 'literal', text })
  const seen = new Set<string>()
  const open: PathState[] = [place]
  let steps = 0
  // Grows while it is visited.
  for (const state of open) {
    const actions = fileAsked.filter((asked) => isReachable(table, state, asked))
    if (actions.some((asked) => isGranted(table, state, asked))) return true
    if (actions.length === 0) continue
    for (const segment of classesFrom(trie, state)) {
      steps += state.may.length + state.must.length
      if (steps > searchStepsMax) return true
      const next = stateAfter(trie, state, segment)
      const key = `${next.may.join()} ${next.must.join()}`
      if (!seen.has(key)) open.push(next)
      seen.add(key)
    }
  }
  return false
}

const fileAsked: readonly AskedBits[] = actionsByKind.filesystem.map((action) =>
  askedBits('filesystem', action, noCustomKinds),
)

/** Whether the table grants the action at the state itself. */
function isGranted(table: CapabilityTable, { may, must }: PathState, asked: AskedBits): boolean {
  const ending = bitsOf(table.files, may, (node, list) => bitsEnding(node, list))
  const refusing = bitsOf(table.files, must, (node, list) => bitsEnding(node, list))
  return allows(table, ending, asked) && !refuses(refusing, asked)
}

/** Whether the table may still grant the action at the state or further down. */
function isReachable(table: CapabilityTable, { may, must }: PathState, asked: AskedBits): boolean {
  const reached = bitsOf(table.files, may, (node, list) => node.reach[list] ?? 0)
  const settled = bitsOf(table.files, must, (node, list) => (node.settles ? bitsEnding(node, list) : 0))
  return allows(table, reached, asked) && !refuses(settled, asked)
}

/** The bits that the nodes together have in a list. */
type BitsOfList = (list: number) => number

function bitsOf(
  trie: PathTrie,
  nodes: readonly number[],
  bitsIn: (node: PathTrieNode, list: number) => number,
): BitsOfList {
  return (list) => nodes.reduce((bits, at) => bits | bitsIn(nodeAt(trie, at), list), 0)
}

function bitsEnding(node: PathTrieNode, list: number): number {
  return node.rules.reduce((bits, rule) => (rule.list === list ? bits | rule.bits : bits), 0)
}

function allows(table: CapabilityTable, bits: BitsOfList, { allowed }: AskedBits): boolean {
  const has = (list: number): boolean => (bits(list) & allowed) !== 0
  const byLayers = table.layers.length > 0 && table.layers.every((_layer, index) => has(firstLayerList + index))
  return (byLayers || has(operatorList)) && (table.roles === 'absent' || has(roleAllowList))
}

function refuses(bits: BitsOfList, { refused }: AskedBits): boolean {
  return ((bits(denyList) | bits(roleDenyList)) & refused) !== 0
}
