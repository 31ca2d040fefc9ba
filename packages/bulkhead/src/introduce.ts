import { acquaint } from '@bulkhead/security-context'
import type { LiveChild } from './live-child.js'

/**
 * Children whose mounts overlap learn of each other's rules, so that none of them moves a file into another's hands.
 *
 * @param changed whose contexts are new: their version has moved already
 * @returns the others that know something else now than before; their version has moved
 */
export function introduce(all: readonly LiveChild[], changed: readonly LiveChild[] = all): readonly LiveChild[] {
  const acquainted = acquaint(all.map(({ context }) => context))
  const moved: LiveChild[] = []
  for (const [index, live] of all.entries()) {
    const now = acquainted[index]?.worker.neighbours ?? []
    const { neighbours: before, policyVersion } = live.context.worker
    const isNew = changed.includes(live)
    // The rules themselves are compared: a version that moved for a neighbour's sake changes nothing here.
    const isSame = now.length === before.length && now.every((one, at) => one.table.rules === before[at]?.table.rules)
    if (isSame && !isNew) continue
    live.meet(now, isNew ? policyVersion : policyVersion + 1)
    if (!isNew) moved.push(live)
  }
  return moved
}
