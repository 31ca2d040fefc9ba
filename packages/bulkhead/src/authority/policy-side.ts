import type { Grant } from '@bulkhead/capability'
import type { Policy } from '@bulkhead/policy'
import type { Judgement } from './judge.js'

/**
 * The policy that a child has, or, where it has none, the one that its manifest stands for (SPEC 5): what an edit of the
 * policy begins with.
 */
export function sideOf({ policy, manifest, subject }: Pick<Judgement, 'policy' | 'manifest' | 'subject'>): Policy {
  if (policy !== undefined) return policy.policy
  return {
    file: `policy of ${subject.child}`,
    format: 'native',
    allow: (manifest?.capabilities ?? []).map(ruleOf),
    deny: [],
    limits: {},
    warnings: [],
  }
}

/** `optional` and `why` are words of a manifest. */
function ruleOf({ kind, action, pattern, origin }: Grant): Grant {
  return { kind, action, pattern, origin }
}
