// What an operator decided, on the disk: policies, grants and subjects, approvals.

import { OperatorGrants, type Policy, PolicyRegistry, parsePolicy, Subjects } from '@bulkhead/policy'
import type { StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { Approvals } from '@bulkhead/trust'
import type { Clock } from '@bulkhead/vocabulary'
import { readSubject, type Subject } from './subject.js'

export type AuthorityStores = {
  readonly registry: PolicyRegistry<Policy>
  readonly grants: OperatorGrants
  readonly subjects: Subjects<Subject>
  readonly approvals: Approvals
  readonly close: () => Promise<void>
}

/**
 * Opens the three stores of a state directory.
 *
 * @throws {BulkheadError} `store-corrupt` when one of them cannot be believed; `state-unwritable` when the disk refuses.
 */
export async function openAuthorityStores(state: StateDirectory, clock: Clock): Promise<AuthorityStores> {
  const opened: Store[] = []
  const close = async (): Promise<void> => {
    for (const store of opened.splice(0).reverse()) await store.close()
  }
  const open = async (name: string): Promise<Store> => {
    const store = await Store.open(state, name)
    opened.push(store)
    return store
  }
  try {
    const policies = await open('policies')
    const grants = await open('grants')
    const approvals = await open('approvals')
    return {
      registry: PolicyRegistry.open(policies, {
        parse: ({ text, format, file }, componentId) => parsePolicy(text, { file, format, componentId }),
        clock,
      }),
      grants: new OperatorGrants(grants),
      subjects: new Subjects(grants, readSubject),
      approvals: Approvals.open(approvals),
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
