import { CapabilitySet, type Grant, type KindCatalogue, noCustomKinds } from '@bulkhead/capability'
import { quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { ApprovalSubject } from './approval-subject.js'
import { narrowedPatternsMax } from './limits.js'

/**
 * A reviewer may narrow, never widen: each pattern must be covered by one that was requested.
 *
 * @throws {BulkheadError} `grant-refused`, listing what was not asked for; `document-invalid` for a pattern that is none.
 */
export function checkNarrowed(
  narrow: readonly Grant[],
  { capabilities, componentId }: ApprovalSubject,
  kinds: KindCatalogue = noCustomKinds,
): void {
  if (narrow.length > narrowedPatternsMax) {
    throw new BulkheadError('grant-refused', `${narrow.length} patterns are too many`, {
      hint: `at most ${narrowedPatternsMax}`,
    })
  }
  const origin = { document: 'request' }
  const requested = CapabilitySet.of(
    capabilities.map((ask) => ({ ...ask, origin })),
    { componentId, kinds },
  )
  const wider = narrow.filter((grant) => !requested.covers(grant))
  if (wider.length === 0) return
  const list = wider.map(({ kind, action, pattern }) => `${kind}.${action}=${pattern}`)
  throw new BulkheadError('grant-refused', `nothing that was asked for covers ${list.map(quote).join(', ')}`, {
    details: { notCovered: list },
    hint: 'an approval can be narrower than the request, never wider; beyond it there is `bulkhead grant`',
  })
}
