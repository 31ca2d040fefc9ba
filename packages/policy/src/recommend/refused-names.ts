import type { TalliedAccess } from './access-tally.js'
import type { MayCover } from './draft-line.js'
import type { NameGrammar } from './name-grammar.js'
import { emptyTree, insertName, matchesAny, type NamePart } from './name-tree.js'

/** Whether a pattern keeps clear of every name that was refused. */
export function clearOfNames(refused: readonly TalliedAccess[], grammar: NameGrammar): MayCover<readonly NamePart[]> {
  if (refused.length === 0) return () => true
  const tree = emptyTree()
  for (const access of refused) insertName(tree, grammar.split(access.resource), access)
  return (pattern) => !matchesAny(tree, pattern, grammar.restFrom)
}
