import { renderPlace } from '@bulkhead/document'
import type { Tree } from '@bulkhead/manifest'
import type { TreeChild } from './administration/tree-roster.js'
import { refuseWhatNothingWakes } from './lifetimes/lifetime-rules.js'
import { refuseWhatHandlesNothing, roleOf } from './messages/message-role.js'
import type { PlannedChild } from './plan-tree.js'
import { type PreparePowers, prepareChild } from './prepare-child.js'

/**
 * Judges a child, and finds out what it does with messages.
 *
 * @throws {BulkheadError} when the component is refused, or cannot do what its entry wants of it; with its place.
 */
export async function admitChild(
  planned: PlannedChild,
  tree: Tree,
  powers: PreparePowers,
  place: Pick<TreeChild, 'supervisor' | 'origin'>,
): Promise<TreeChild> {
  const live = await prepareChild(planned, tree, powers)
  const { kind } = live.judgement.subject
  const { spec } = planned
  const role = roleOf(live.component, kind)
  const where = planned.place ?? renderPlace(tree.file, spec.at)
  refuseWhatHandlesNothing({ instances: spec.memberIds.length || 1, kind }, role, where)
  refuseWhatNothingWakes(spec, role, where)
  return { planned, live, role, ...place }
}
