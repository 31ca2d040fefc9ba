import type { TalliedAccess } from './access-tally.js'
import type { DraftLine, MayCover } from './draft-line.js'
import { type Generalisation, reaches } from './generalisation.js'
import { generalisedSegmentsMax, variantsMin } from './limits.js'
import type { NameGrammar } from './name-grammar.js'
import {
  anyPart,
  emptyTree,
  insertName,
  membersOf,
  type NamePart,
  type NameTree,
  restPart,
  subtrees,
  unionBelow,
} from './name-tree.js'
import { isVaryingName } from './varying-name.js'

/**
 * Patterns for names that have segments, generalised up to a level. Whatever the level, they match every name given.
 *
 * INVARIANT (levels-nest): a level changes nothing that the one before it did, it only replaces patterns by one that matches
 * all that they match.
 */
export function generaliseNames(
  accesses: readonly TalliedAccess[],
  { grammar, level, mayCover }: NameRules,
): readonly DraftLine[] {
  const tree = emptyTree()
  const lines: DraftLine[] = []
  for (const access of accesses) {
    const segments = grammar.split(access.resource)
    if (level !== 'none' && segments.length <= generalisedSegmentsMax) insertName(tree, segments, access)
    else lines.push(exactLine(access, grammar))
  }
  return [...lines, ...new NameGeneraliser({ grammar, level, mayCover }).linesOf(tree, [], 'own')]
}

export type NameRules = {
  readonly grammar: NameGrammar
  readonly level: Generalisation
  readonly mayCover: MayCover<readonly NamePart[]>
}

class NameGeneraliser {
  readonly #rules: NameRules

  constructor(rules: NameRules) {
    this.#rules = rules
  }

  /** @param here whether what ends at the tree itself is its own line, or a wildcard of its parent covers it. */
  linesOf(tree: NameTree, prefix: readonly NamePart[], here: 'own' | 'covered'): readonly DraftLine[] {
    const own = here === 'own' ? tree.here : []
    if (tree.children.size === 0) return this.#exact(prefix, own)
    this.#joinVarying(tree, prefix)
    if (this.#takesRest(tree, prefix)) return this.#rest(tree, prefix, own)
    const siblings = this.#siblings(tree, prefix)
    const lines = [...this.#exact(prefix, own), ...siblings]
    for (const [name, child] of tree.children) {
      lines.push(...this.linesOf(child, [...prefix, literal(name)], siblings.length === 0 ? 'own' : 'covered'))
    }
    if (tree.any !== undefined) lines.push(...this.linesOf(tree.any, [...prefix, anyPart], 'own'))
    return lines
  }

  /** Under a `*` for varying names, what only one or two of them had goes by its full name again. */
  #exact(parts: readonly NamePart[], members: readonly TalliedAccess[]): readonly DraftLine[] {
    if (members.length === 0) return []
    const { grammar } = this.#rules
    const names = new Set(members.map(({ resource }) => resource))
    // Of one name without a wildcard there is only one spelling, or two in storage.
    if (names.size >= variantsMin) return [{ pattern: grammar.join(parts), how: 'varying', members }]
    return members.map((member) => exactLine(member, grammar))
  }

  /** `dir/*`, where enough of what lies in it directly was used. */
  #siblings(tree: NameTree, prefix: readonly NamePart[]): readonly DraftLine[] {
    const used = [...tree.children.values()].filter((child) => child.here.length > 0)
    const parts = [...prefix, anyPart]
    if (used.length < variantsMin || !this.#has('siblings', 'siblings', prefix) || !this.#rules.mayCover(parts))
      return []
    return [{ pattern: this.#rules.grammar.join(parts), how: 'siblings', members: used.flatMap(({ here }) => here) }]
  }

  /** Moves what is below children with made-up names under one `*`, where nothing at all was refused in their place. */
  #joinVarying(tree: NameTree, prefix: readonly NamePart[]): void {
    if (!this.#has('siblings', 'varying', prefix)) return
    const varying = [...tree.children].filter(([name, child]) => child.children.size > 0 && isVaryingName(name))
    if (varying.length < variantsMin) return
    const { mayCover } = this.#rules
    if (!mayCover([...prefix, anyPart]) || !mayCover([...prefix, anyPart, restPart])) return
    tree.any = unionBelow(varying.map(([, child]) => child))
    for (const [, child] of varying) child.children.clear()
  }

  #takesRest(tree: NameTree, prefix: readonly NamePart[]): boolean {
    const { grammar, mayCover } = this.#rules
    const used = subtrees(tree).filter((child) => child.here.length > 0 || child.children.size > 0)
    const deeper = used.some((child) => child.children.size > 0)
    if (used.length < variantsMin || !(deeper || grammar.restForSiblings)) return false
    return this.#has('directories', 'rest', prefix) && mayCover([...prefix, restPart])
  }

  #rest(tree: NameTree, prefix: readonly NamePart[], own: readonly TalliedAccess[]): readonly DraftLine[] {
    const { grammar } = this.#rules
    const below = subtrees(tree).flatMap(membersOf)
    const pattern = grammar.join([...prefix, restPart])
    if (grammar.restFrom === 0) return [{ pattern, how: 'below', members: [...own, ...below] }]
    return [...this.#exact(prefix, own), { pattern, how: 'below', members: below }]
  }

  #has(level: Generalisation, wildcard: 'siblings' | 'varying' | 'rest', prefix: readonly NamePart[]): boolean {
    const { grammar } = this.#rules
    return (
      reaches(this.#rules.level, level) && grammar.wildcards.has(wildcard) && prefix.length >= grammar.prefixMin(prefix)
    )
  }
}

function exactLine(access: TalliedAccess, grammar: NameGrammar): DraftLine {
  return { pattern: grammar.join(grammar.split(access.resource).map(literal)), how: 'exact', members: [access] }
}

function literal(text: string): NamePart {
  return { kind: 'literal', text }
}
