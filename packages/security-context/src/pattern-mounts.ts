import type { Capability } from '@bulkhead/capability'
import { escapePath } from '@bulkhead/policy/forbidden'
import { patternsOverlap } from './pattern-overlap.js'
import { bare, type Refusal } from './refusals.js'
import type { ContextMount } from './worker-context.js'

/** Why nothing of a file pattern can be reached although rules allow it: no mount holds any of it, or all are read-only. */
export function mountRefusalOf(wanted: Capability, mounts: readonly ContextMount[]): Refusal | undefined {
  if (wanted.kind !== 'filesystem') return undefined
  const holding = mounts.filter(({ guestPath }) => {
    const tree = guestPath === '/' ? '/**' : `${escapePath(guestPath)}/**`
    return patternsOverlap('filesystem', tree, wanted.pattern, { componentId: '' })
  })
  const [mount] = holding
  if (mount === undefined) return bare('mount')
  if (wanted.action === 'read' || holding.some(({ mode }) => mode === 'write')) return undefined
  return { ...bare('mount'), mount }
}
