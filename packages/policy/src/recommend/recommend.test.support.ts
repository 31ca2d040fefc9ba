// Components that do things, for the tests of what is recommended: the real table decides what they are granted.
import { compileTable, Decider, type Grant, type TableSpec } from '@bulkhead/capability'
import type { Action, Kind } from '@bulkhead/vocabulary'
import type { ObservedAccess } from './observed-access.js'
import type { Recommendation } from './recommend.js'

export const componentId = 'ingest'
export const origin = { document: 'ingest.policy.toml', line: 3 }

export type Asked = { readonly kind: Kind; readonly action: Action; readonly resource: string }

export function rule(kind: Kind, action: Action, pattern: string): Grant {
  return { kind, action, pattern, origin }
}

export function read(resource: string): ObservedAccess {
  return { kind: 'filesystem', action: 'read', resource, verdict: 'granted', layer: 'policy' }
}

export function refusedBy(layer: ObservedAccess['layer'] & string, resource: string): ObservedAccess {
  return { kind: 'filesystem', action: 'read', resource, verdict: 'denied', layer }
}

export function deciderOf(spec: Partial<TableSpec>): Decider {
  return new Decider(
    compileTable({ version: 1, componentId, forbidden: [], deny: [], layers: [], operator: [], ...spec }),
  )
}

/** What the guard would have recorded. */
export function observe(decider: Decider, asked: readonly Asked[]): readonly ObservedAccess[] {
  return asked.map((request) => {
    const decision = decider.decide(request)
    const pattern = decision.rule?.pattern
    return {
      ...request,
      verdict: decision.verdict,
      layer: decision.layer,
      ...(pattern !== undefined && { rule: pattern }),
    }
  })
}

/** The recommended policy as the table that would be made of it. */
export function tableOf({ lines }: Recommendation): Decider {
  return deciderOf({ layers: [{ layer: 'approval', grants: lines.map(({ grant }) => grant) }] })
}

export function patternsOf({ lines }: Recommendation): readonly string[] {
  return lines.map(({ grant }) => grant.pattern)
}
