import type { ChildId } from '@bulkhead/vocabulary'
import type { AccountBook, ChildIdentity } from './account-book.js'
import type { ChildMemory } from './child-memory.js'
import type { ChildPlan } from './child-port.js'
import type { Accounts } from './planning/ladder-accounts.js'
import type { SupervisedChild } from './supervised-child.js'
import type { Ending } from './supervisor.machine.js'
import { throwOutside } from './throw-outside.js'
import type { TreeWorld } from './tree-world.js'

/** A child's supervisor lets go of it: it hears nothing any more, and its past is kept. */
export function letGo(
  { memory, book }: { readonly memory: ChildMemory; readonly book: AccountBook },
  ending: Ending | undefined,
  child: SupervisedChild,
): void {
  const { id, remembered, accounts, plan } = child
  child.close()
  memory.keep(id, remembered)
  const hasEscalated = ending?.kind === 'escalated' && ending.child === id
  // Its charges were passed on to its supervisor's own account: to count them twice would end the next life at once.
  if (hasEscalated) book.keep(id, identityOf(plan), withoutCharges(accounts))
}

/** What stands in the plan; the tenant also where it stands in the id. */
export function identityOf({ id, identity }: ChildPlan): ChildIdentity {
  const slash = id.indexOf('/')
  return { ...(slash === -1 ? {} : { tenant: id.slice(0, slash) }), ...identity }
}

function withoutCharges(accounts: Accounts): Accounts {
  return { ...accounts, restarts: { ...accounts.restarts, chargedAtMs: [] } }
}

/** The fence of a child that is never restarted: when it throws there is nothing left to withhold but the sound of it. */
export function fenceBroken({ fence }: Pick<TreeWorld, 'fence'>, id: ChildId, incarnation: number): void {
  try {
    fence(id, incarnation)
  } catch (thrown) {
    throwOutside(thrown)
  }
}
