import type { Capability } from '@bulkhead/capability'
import { coverageOf } from './coverage.js'
import type { Documents } from './documents.js'
import { grantWord } from './hint-text.js'
import type { SecurityContext } from './join.js'
import type { Refusal } from './refusals.js'
import type { Remedy } from './remedy.js'
import { fixedNote, stepsFor } from './remedy-steps.js'

/** The remedy for a whole pattern. Absent where nothing would grant it. */
export type PatternRemedy = { readonly remedy?: Remedy }

/**
 * What would grant all of a pattern, from the layers that do not. Unlike for one denied request it is told for every kind,
 * also where this version has no interface that would use the grant: a component asks before it starts.
 */
export function remedyForPattern(
  wanted: Capability,
  gaps: readonly Refusal[],
  context: SecurityContext,
  documents: Documents,
): PatternRemedy {
  if (gaps.some(({ layer }) => layer === 'forbidden' || layer === 'mount')) return {}
  const note = fixedNote(gaps)
  if (note !== undefined) return { remedy: { once: [], always: [], note } }
  const passes = (other: SecurityContext): boolean =>
    coverageOf(wanted, other.parts).gaps.every(({ layer }) => layer !== 'deny' && layer !== 'policy')
  const { lifted, granted } = stepsFor(wanted, passes, gaps, context, documents)
  const grantable = gaps.every(({ layer }) => layer !== 'deny' && layer !== 'role')
  return { remedy: { once: grantable ? [grantWord(wanted, documents)] : [], always: [...lifted, ...granted] } }
}
