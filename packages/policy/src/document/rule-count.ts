import type { Grant } from '@bulkhead/capability'
import type { Inspection } from '@bulkhead/document'
import { rulesMax } from './limits.js'

/** @throws {DocumentError} `policy-validation-failed` when all lists of a policy together are longer than they may be. */
export function refuseTooManyRules(inspection: Inspection, lists: readonly (readonly Grant[] | undefined)[]): void {
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0)
  if (count > rulesMax) inspection.report([], `${count} rules are too many`, `at most ${rulesMax} in one policy`)
  inspection.throwIfAny('policy-validation-failed')
}
