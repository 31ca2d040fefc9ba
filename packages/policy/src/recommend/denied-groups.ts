import type { Action, Kind, Layer } from '@bulkhead/vocabulary'
import type { TalliedAccess } from './access-tally.js'
import { deniedGroupsMax, examplesMax } from './limits.js'

/** Denials of one kind, action and layer. */
export type DeniedGroup = {
  readonly kind: Kind
  readonly action: Action
  readonly layer?: Layer
  /** Repeats counted. */
  readonly count: number
  readonly resources: number
  /** Names as they were asked for: the component's words, not yet made safe to print. The most frequent first. */
  readonly examples: readonly string[]
  /** The rule that refused, where one did. */
  readonly rule?: string
  /** Whether granting it would have let it through. */
  readonly grantHelps: boolean
  /** What would, in our words. */
  readonly remedy: string
}

/** Denials, grouped by what refused them; the most frequent first. */
export function deniedGroups(denied: readonly TalliedAccess[]): readonly DeniedGroup[] {
  const groups = new Map<string, TalliedAccess[]>()
  for (const access of denied) {
    const { kind, action, layer, rule } = access
    const key = JSON.stringify([kind, action, layer, rule])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [access])
    else group.push(access)
  }
  const all = [...groups.values()].flatMap((members) => groupOf(members))
  return all.sort((a, b) => b.count - a.count).slice(0, deniedGroupsMax)
}

function groupOf(members: readonly TalliedAccess[]): DeniedGroup[] {
  const [first] = members
  if (first === undefined) return []
  const { kind, action, layer, rule } = first
  const byCount = [...members].sort((a, b) => b.count - a.count)
  return [
    {
      kind,
      action,
      ...(layer !== undefined && { layer }),
      count: members.reduce((sum, { count }) => sum + count, 0),
      resources: members.length,
      examples: byCount.slice(0, examplesMax).map(({ resource }) => resource),
      ...(rule !== undefined && { rule }),
      ...remedyFor(layer),
    },
  ]
}

function remedyFor(layer: Layer | undefined): Pick<DeniedGroup, 'grantHelps' | 'remedy'> {
  switch (layer) {
    case undefined:
      return { grantHelps: true, remedy: 'a grant' }
    case 'manifest':
      return { grantHelps: true, remedy: 'the manifest does not ask for it: an operator grant, or a new manifest' }
    case 'approval':
      return { grantHelps: true, remedy: 'the reviewer left it out: an operator grant, or another review' }
    case 'policy':
    case 'operator':
      return { grantHelps: true, remedy: 'a line in the policy, or an operator grant' }
    case 'ceiling':
    case 'reduction':
      return { grantHelps: true, remedy: 'what is above the component holds it back: an operator grant' }
    case 'forbidden':
      return { grantHelps: false, remedy: 'nothing: it is on the forbidden list' }
    case 'deny':
      return { grantHelps: false, remedy: 'the deny rule has the last word: only without it would a grant help' }
    case 'role':
      return { grantHelps: false, remedy: 'a line in the role file, beside the grant' }
    case 'mount':
      return { grantHelps: false, remedy: 'a mount: nothing lies there' }
    case 'os':
      return { grantHelps: false, remedy: 'the operating system refused it' }
    case 'quota':
      return { grantHelps: false, remedy: 'a larger quota' }
    case 'error':
      return { grantHelps: false, remedy: 'the request itself could not be decided or carried out' }
  }
}
