import { asTable, type Entry, entriesOf, type Field, quote, reject } from '@bulkhead/document'
import { isName } from '@bulkhead/vocabulary'
import { nameHint } from './component-header.js'
import { sharedPoliciesMax } from './limits.js'
import { policyLocation } from './policy-location.js'
import type { SharedPolicySpec } from './tree.js'

/** The table `[shared]`: a name → the document of a policy that several components share (SPEC 5). */
export function sharedPolicies(directory: string): Field<readonly SharedPolicySpec[]> {
  const location = policyLocation(directory)
  return (entry: Entry) => {
    const table = asTable(entry)
    if (table === undefined) return undefined
    const entries = entriesOf(entry, table)
    if (entries.length > sharedPoliciesMax) {
      return reject(entry, `${entries.length} shared policies are too many`, `at most ${sharedPoliciesMax} in one tree`)
    }
    return entries.flatMap(([name, inner]) => {
      const policy = location(inner)
      if (!isName(name)) {
        inner.inspection.report(inner.path, `${quote(name)} is not the name of a policy`, nameHint, 'key')
        return []
      }
      if (policy === undefined) return []
      return [{ name, policy, at: inner.inspection.document.positionOf(inner.path, 'key') }]
    })
  }
}
