import type { ChildSpec } from '@bulkhead/manifest'
import type { ChildView } from '@bulkhead/supervisors'
import type { LiveChild } from '../live-child.js'
import type { MessageMember } from '../messages/message-member.js'
import type { IncidentFacts } from './incident-desk.js'
import { secretCharactersMin, secretsMax } from './limits.js'

/** Where the facts about a child come from. */
export type FactSources = {
  readonly spec: ChildSpec
  readonly live: LiveChild
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly view: ChildView
  /** `undefined`: it has nothing to do with messages. */
  readonly member: MessageMember | undefined
}

/**
 * What the tree knows of a child that has just become an incident. Its run is over, and with it its ledger: what stands for
 * it is what all of its runs came to.
 */
export function incidentFacts({ spec, live, environment, view, member }: FactSources): IncidentFacts {
  const { judgement, component, context } = live
  const tenant = spec.tenant ?? tenantOf(spec.id)
  const hash = judgement.policy?.version?.hash
  return {
    ...(tenant === undefined ? {} : { tenant }),
    principal: context.principal,
    digest: component.digest,
    codeDigest: component.codeDigest,
    policy: { version: context.worker.policyVersion, ...(hash === undefined ? {} : { hash }) },
    ledger: { ...view.usage, restarts: view.restarts, ...countsOf(member) },
    mailbox: member?.box?.mailbox.heads() ?? [],
    secrets: secretsOf(environment),
  }
}

function tenantOf(id: string): string | undefined {
  const slash = id.indexOf('/')
  return slash === -1 ? undefined : id.slice(0, slash)
}

function countsOf(member: MessageMember | undefined): Readonly<Record<string, number>> {
  if (member === undefined) return {}
  const { deadLetters, box } = member
  return { ...member.counters(), deadLetters, waiting: box?.mailbox.stats().messages ?? 0 }
}

/** Every variable may hold a secret: none of their values is in a bundle, though their guest may have printed them. Secrets stand last. */
function secretsOf(environment: FactSources['environment']): readonly string[] {
  return environment
    .map(([, value]) => value)
    .filter((value) => value.length >= secretCharactersMin)
    .slice(-secretsMax)
}
