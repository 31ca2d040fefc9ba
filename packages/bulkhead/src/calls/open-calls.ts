import { defaultQuotas } from '@bulkhead/manifest'
import type { TreeRoster } from '../administration/tree-roster.js'
import { CallDesk, type CallPowers } from './call-desk.js'

/** Calls of the functions that the children of a tree export now. */
export function openCalls(roster: TreeRoster, powers: Omit<CallPowers, 'calleeOf' | 'breached'>): CallDesk {
  return new CallDesk({
    ...powers,
    calleeOf: (id) => {
      const child = roster.children.get(id)
      if (child === undefined) return undefined
      const deadlineMs = child.live.judgement.limits.deadlineMs?.value ?? defaultQuotas.deadlineMs
      return { functions: child.role.functions ?? [], deadlineMs }
    },
    breached: (member, message) => {
      const actor = roster.members.get(member)?.child.live.actorOf(member)
      void actor?.killBecause({ kind: 'breach', message })
    },
  })
}
