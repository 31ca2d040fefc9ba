import type { ChildStatus, SupervisorStatus, TreeReport } from '@bulkhead/admin'

/** One line of the tree as it is drawn, with what a screen reader is told of its place. */
export type TreeRow = {
  /** `s:` and a supervisor, or `c:` and a child: they may have the same name. */
  readonly key: string
  readonly name: string
  /** 1 for the root. */
  readonly depth: number
  /** Among its siblings, from 1. */
  readonly place: number
  readonly siblings: number
  readonly parent?: string
} & (
  | { readonly kind: 'supervisor'; readonly supervisor: SupervisorStatus; readonly isOpen: boolean }
  | { readonly kind: 'child'; readonly child: ChildStatus }
)

/** The lines of a tree in start order, without what is below closed supervisors. */
export function flattenTree(report: TreeReport, closed: ReadonlySet<string>): readonly TreeRow[] {
  const children = new Map(report.children.map((child) => [child.child, child]))
  const rows: TreeRow[] = []
  const visit = (node: string | SupervisorStatus, at: Omit<TreeRow, 'key' | 'name' | 'kind'>): void => {
    if (typeof node === 'string') {
      const child = children.get(node)
      if (child !== undefined) rows.push({ ...at, kind: 'child', key: `c:${node}`, name: node, child })
      return
    }
    const key = `s:${node.supervisor}`
    const isOpen = !closed.has(key)
    rows.push({ ...at, kind: 'supervisor', key, name: node.supervisor, supervisor: node, isOpen })
    if (!isOpen) return
    const siblings = node.children.length
    node.children.forEach((below, index) => {
      visit(below, { depth: at.depth + 1, place: index + 1, siblings, parent: key })
    })
  }
  visit(report.tree, { depth: 1, place: 1, siblings: 1 })
  return rows
}

/** What a key does in a tree (WAI-ARIA, tree view pattern). */
export type TreeMove =
  | { readonly kind: 'go'; readonly key: string }
  | { readonly kind: 'open' | 'close'; readonly key: string }

/** @param pressed `KeyboardEvent.key`; `undefined` is the answer to a key that means nothing here */
export function moveInTree(rows: readonly TreeRow[], current: string, pressed: string): TreeMove | undefined {
  const index = rows.findIndex(({ key }) => key === current)
  const row = rows[index]
  const go = (target: TreeRow | undefined): TreeMove | undefined =>
    target === undefined ? undefined : { kind: 'go', key: target.key }
  if (pressed === 'Home') return go(rows[0])
  if (pressed === 'End') return go(rows.at(-1))
  if (pressed === 'ArrowDown') return go(rows[index + 1])
  if (pressed === 'ArrowUp') return index > 0 ? go(rows[index - 1]) : undefined
  if (row === undefined) return undefined
  if (pressed === 'ArrowRight' && row.kind === 'supervisor')
    return row.isOpen ? go(rows[index + 1]) : { kind: 'open', key: row.key }
  if (pressed === 'ArrowLeft') {
    if (row.kind === 'supervisor' && row.isOpen) return { kind: 'close', key: row.key }
    return row.parent === undefined ? undefined : { kind: 'go', key: row.parent }
  }
  return undefined
}
