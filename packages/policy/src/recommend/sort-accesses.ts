import type { Layer } from '@bulkhead/vocabulary'
import type { TalliedAccess } from './access-tally.js'

/** Whether accesses that were only refused are wanted too. */
export type Wanted = 'granted' | 'granted-and-denied'

export type SortedAccesses = {
  /** What the recommendation has to cover. */
  readonly wanted: readonly TalliedAccess[]
  /** What no generalised pattern may cover. */
  readonly refused: readonly TalliedAccess[]
  /** All denials. */
  readonly denied: readonly TalliedAccess[]
}

/** The layers at which a grant makes the difference. `mount`: the rule is as needed as the mount. */
const grantable: ReadonlySet<Layer> = new Set(['manifest', 'approval', 'policy', 'operator', 'mount'])
/** Layers that refuse for a reason of the moment, not because anybody ruled so. */
const circumstantial: ReadonlySet<Layer> = new Set(['reduction', 'mount', 'os', 'quota', 'error'])

/**
 * Sorts what was seen by what to do about it. Of a grant and a refusal of the same access the later one counts: what was
 * revoked is not recommended again, and what was allowed meanwhile is no refusal any more.
 */
export function sortAccesses(accesses: Iterable<TalliedAccess>, wanted: Wanted): SortedAccesses {
  const granted = new Map<string, TalliedAccess>()
  const denied: TalliedAccess[] = []
  for (const access of accesses) {
    if (access.verdict === 'granted') granted.set(keyOf(access), access)
    else denied.push(access)
  }
  const refused: TalliedAccess[] = []
  const missing: TalliedAccess[] = []
  for (const access of denied) {
    if (isCircumstantial(access) && !(wanted === 'granted-and-denied' && isGrantable(access))) continue
    const before = granted.get(keyOf(access))
    if (before !== undefined && before.order > access.order) continue
    if (wanted === 'granted-and-denied' && isGrantable(access)) {
      missing.push(access)
    } else {
      refused.push(access)
    }
  }
  for (const access of refused) granted.delete(keyOf(access))
  const gone = new Set(refused.map(keyOf))
  const stillMissing = missing.filter((access) => !gone.has(keyOf(access)))
  return { wanted: [...granted.values(), ...stillMissing], refused, denied }
}

/** Whether a grant would have let the access through; without a layer nothing speaks against it. */
export function isGrantable({ layer }: TalliedAccess): boolean {
  return layer === undefined || grantable.has(layer)
}

function isCircumstantial({ layer }: TalliedAccess): boolean {
  return layer !== undefined && circumstantial.has(layer)
}

function keyOf({ kind, action, resource }: TalliedAccess): string {
  return `${kind} ${action} ${resource}`
}
