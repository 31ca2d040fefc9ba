import type { ChildSpec } from '@bulkhead/manifest'
import type { LiveChild } from '../live-child.js'
import type { MessageStats } from '../messages/message-desk.js'
import type { MessageMember } from '../messages/message-member.js'
import type { ChildReport } from '../types.js'
import type { IncidentFacts } from './incident-desk.js'
import { secretCharactersMin, secretsMax } from './limits.js'

/** Where the facts about a child come from. */
export type FactSources = {
  readonly spec: ChildSpec
  readonly live: LiveChild
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly report: ChildReport
  /** `undefined`: it has nothing to do with messages. */
  readonly stats: MessageStats | undefined
  readonly member: MessageMember | undefined
}

/**
 * What the tree knows of a child that has just become an incident. Its run is over, and with it its ledger: what stands for
 * it is what all of its runs came to.
 */
export function incidentFacts({ spec, live, environment, report, stats, member }: FactSources): IncidentFacts {
  const { judgement, component, context } = live
  const tenant = spec.tenant ?? tenantOf(spec.id)
  const hash = judgement.policy?.version?.hash
  return {
    ...(tenant === undefined ? {} : { tenant }),
    principal: context.principal,
    digest: component.digest,
    codeDigest: component.codeDigest,
    policy: { version: context.worker.policyVersion, ...(hash === undefined ? {} : { hash }) },
    ledger: { ...report.usage, restarts: report.restarts, ...countsOf(stats) },
    mailbox: member?.box?.mailbox.heads() ?? [],
    secrets: secretsOf(environment),
  }
}

function tenantOf(id: string): string | undefined {
  const slash = id.indexOf('/')
  return slash === -1 ? undefined : id.slice(0, slash)
}

/** The numbers among them. */
function countsOf(stats: MessageStats | undefined): Readonly<Record<string, number>> {
  const counts = Object.entries(stats ?? {}).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  )
  return Object.fromEntries(counts)
}

/** Every variable may hold a secret: none of their values is in a bundle, though their guest may have printed them. */
function secretsOf(environment: FactSources['environment']): readonly string[] {
  return environment
    .map(([, value]) => value)
    .filter((value) => value.length >= secretCharactersMin)
    .slice(0, secretsMax)
}
