// What an operator decided, on the disk: policies, grants and subjects, approvals.

import { defineKinds, type KindCatalogue } from '@bulkhead/capability'
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
  /** The kinds of the host application: those of this run, else those of the last. */
  readonly kinds: KindCatalogue
  readonly close: () => Promise<void>
}

/**
 * Opens the three stores of a state directory.
 *
 * @param given the kinds of a host application that runs; left out, those that the last one had are what documents are read by
 * @throws {BulkheadError} `store-corrupt` when one of them cannot be believed; `state-unwritable` when the disk refuses.
 */
export async function openAuthorityStores(
  state: StateDirectory,
  clock: Clock,
  given?: KindCatalogue,
): Promise<AuthorityStores> {
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
    const subjects = new Subjects(grants, readSubject)
    const kinds = given ?? keptKinds(subjects)
    return {
      registry: PolicyRegistry.open(policies, {
        parse: ({ text, format, file }, componentId) => parsePolicy(text, { file, format, componentId, kinds }),
        clock,
      }),
      grants: new OperatorGrants(grants),
      subjects,
      approvals: Approvals.open(approvals, { kinds }),
      kinds,
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** Each child keeps those of the run that took it in; the same of one runtime. */
function keptKinds(subjects: Subjects<Subject>): KindCatalogue {
  const kept = [...subjects.all()].flatMap(([, { tree }]) => tree.kinds ?? [])
  return defineKinds([...new Map(kept.map((kind) => [kind.name, kind])).values()])
}
