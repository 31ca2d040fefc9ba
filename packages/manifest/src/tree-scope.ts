import { type Entry, type Position, renderWhere } from '@bulkhead/document'

/** What the reading of a whole tree file shares. */
export type TreeScope = {
  /** Absolute path from which relative paths start. */
  readonly directory: string
  /** Names that are taken, and where: a child id is a principal, so it is unique in the whole tree. */
  readonly childIds: Map<string, Position>
  readonly supervisorNames: Map<string, Position>
}

/** Takes a name for its bearer; `false`, and a finding, when another one has it. */
export function takeName(taken: Map<string, Position>, name: string, entry: Entry): boolean {
  const at = entry.inspection.document.positionOf(entry.path, 'key')
  const first = taken.get(name)
  if (first === undefined) {
    taken.set(name, at)
    return true
  }
  entry.inspection.reportAt(at, `the name \`${name}\` is taken`, `it stands already ${renderWhere(first)}`)
  return false
}
