import type { actionsByKind } from '@bulkhead/vocabulary'
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
import {
  classesFrom,
  nodeAt,
  type PathState,
  type SegmentClass,
  startState,
  stateAfter,
  weightOf,
} from './path-states.js'
import type { PathTrieNode } from './path-trie.js'

/**
 * Looks for a path at or below a place that a table grants for one of these file actions: a walk over all paths at once. Segments
 * fall into a few classes (`path-states.ts`), so that infinitely many paths are a finite graph; a branch ends where the
 * rules that allow lead no further, or where a rule refuses all that is below.
 *
 * It errs to one side: what allows may match too much, what refuses too little. A graph is as large as its author makes it,
 * so that the search ends after `searchStepsMax` and then says yes. Enumerating concrete names would miss grants; asking
 * only whether each list reaches below, without its deny rules, would show names under which everything is denied.
 */
export function somethingGrantedBelow(
  table: CapabilityTable,
  path: readonly string[],
  actions: readonly FileAction[],
): boolean {
  return new GrantSearch(table, actions).find(path)
}

type FileAction = (typeof actionsByKind)['filesystem'][number]

/** A state, the segments that lead on from it, and how many of them were tried. */
type Branch = {
  readonly state: PathState
  readonly segments: readonly SegmentClass[]
  readonly weight: number
  tried: number
}

class GrantSearch {
  readonly #table: CapabilityTable
  readonly #asked: readonly AskedBits[]
  readonly #seen = new Set<string>()
  /** Depth first, because most grants lie a few segments below; on a stack of our own, because the thread's may be nearly full. */
  readonly #open: Branch[] = []
  #steps = 0

  constructor(table: CapabilityTable, actions: readonly FileAction[]) {
    this.#table = table
    this.#asked = actions.map((action) => askedBits('filesystem', action, noCustomKinds))
  }

  find(path: readonly string[]): boolean {
    const trie = this.#table.files
    let state: PathState | undefined = startState(trie)
    for (const text of path) state = stateAfter(trie, state, { kind: 'literal', text })
    while (state !== undefined) {
      const outlook = outlookAt(this.#table, state, this.#asked)
      if (outlook === 'granted') return true
      if (outlook === 'open') {
        this.#open.push({ state, segments: classesFrom(trie, state), weight: weightOf(trie, state), tried: 0 })
      }
      state = this.#nextState()
    }
    return this.#isSpent()
  }

  /** The next state that was not seen; none when there is none, or when the search took too long. */
  #nextState(): PathState | undefined {
    for (let branch = this.#open.at(-1); branch !== undefined && !this.#isSpent(); branch = this.#open.at(-1)) {
      const segment = branch.segments[branch.tried++]
      if (segment === undefined) {
        this.#open.pop()
        continue
      }
      this.#steps += segment.kind === 'glob' ? branch.weight * segment.glob.codes.length : branch.weight
      const next = stateAfter(this.#table.files, branch.state, segment)
      const key = `${next.may.join()} ${next.must.join()}`
      if (!this.#seen.has(key)) {
        this.#seen.add(key)
        return next
      }
    }
    return undefined
  }

  #isSpent(): boolean {
    return this.#steps > searchStepsMax
  }
}

/** Whether the table grants something at the state itself, may grant something further down, or grants nothing from there on. */
function outlookAt(
  table: CapabilityTable,
  { may, must }: PathState,
  fileAsked: readonly AskedBits[],
): 'granted' | 'open' | 'none' {
  const reached = noBits(table)
  const ending = noBits(table)
  const refusing = noBits(table)
  const settled = noBits(table)
  for (const at of may) {
    const node = nodeAt(table.files, at)
    for (const [list, bits] of node.reach.entries()) reached[list] = (reached[list] ?? 0) | bits
    addEnding(ending, node)
  }
  for (const at of must) {
    const node = nodeAt(table.files, at)
    addEnding(refusing, node)
    if (node.settles) addEnding(settled, node)
  }
  if (fileAsked.some((asked) => allows(table, ending, asked) && !refuses(refusing, asked))) return 'granted'
  return fileAsked.some((asked) => allows(table, reached, asked) && !refuses(settled, asked)) ? 'open' : 'none'
}

/** Of each list of the table, none yet. */
function noBits(table: CapabilityTable): number[] {
  return new Array<number>(table.files.lists).fill(0)
}

function addEnding(bits: number[], node: PathTrieNode): void {
  for (const rule of node.rules) bits[rule.list] = (bits[rule.list] ?? 0) | rule.bits
}

function allows(table: CapabilityTable, bits: readonly number[], { allowed }: AskedBits): boolean {
  const has = (list: number): boolean => ((bits[list] ?? 0) & allowed) !== 0
  const byLayers = table.layers.length > 0 && table.layers.every((_layer, index) => has(firstLayerList + index))
  return (byLayers || has(operatorList)) && (table.roles === 'absent' || has(roleAllowList))
}

function refuses(bits: readonly number[], { refused }: AskedBits): boolean {
  return (((bits[denyList] ?? 0) | (bits[roleDenyList] ?? 0)) & refused) !== 0
}
