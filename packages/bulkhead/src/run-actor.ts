// One run of one component: the same for `exec` and for the children of a tree.

import {
  type ActorSpec,
  type Channel,
  type ChunkConsumer,
  ComponentActor,
  type HttpLanes,
  type MessagesBegin,
  type WarmSpares,
} from '@bulkhead/actor'
import type { Journal, RingRecord } from '@bulkhead/audit'
import type { KindCatalogue } from '@bulkhead/capability'
import type { PreparedComponent } from '@bulkhead/component'
import { RateBucket, type Spent } from '@bulkhead/quota'
import type { Documents, SecurityContext, Standing } from '@bulkhead/security-context'
import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import { AccessCollector } from './access-collector.js'
import { interfacesOf } from './interfaces/attach-interfaces.js'
import type { InterfaceService } from './interfaces/interface-service.js'
import type { HostServices } from './services/host-services.js'
import { RunServices, type ServiceTerms } from './services/run-services.js'
import type { DeniedAccess } from './types.js'

/** What the runtime shares among all of its actors. */
export type Engine = {
  readonly journal: Journal
  /** Who is told what the journal reports of which ring. */
  readonly reports: Map<number, (record: RingRecord) => void>
  readonly spares: WarmSpares
  readonly clock: Clock
  readonly originNs: bigint
  /** What the host application offers beside what every Bulkhead has (SPEC 17). */
  readonly kinds: KindCatalogue
  readonly interfaces: InterfaceService
  /** The store and the network, as they are needed. */
  readonly services: HostServices
  readonly raise: (draft: HealthEventDraft) => void
}

export type RunRequest = {
  readonly component: PreparedComponent
  readonly context: SecurityContext
  readonly documents: Documents
  /** How far the component is trusted and who let it run, for the audit log. */
  readonly standing: Standing
  readonly incarnation: number
  /** Whose child it is; none where it is nobody's. */
  readonly tenant?: string | undefined
  /** As whom, and how much, it uses the store and the network; left out: it has neither. */
  readonly services?: ServiceTerms
  readonly deadlineMs: number | undefined
  /** What it needs to send and receive messages; nothing for a guest that does neither. */
  readonly messages?: MessagesBegin | undefined
  readonly messageDeadlineMs?: number | undefined
  /** The lanes of bodies, for a guest that answers HTTP requests. */
  readonly http?: HttpLanes | undefined
  readonly stdin: AsyncIterable<Uint8Array> | undefined
  readonly stdout: ChunkConsumer
  readonly stderr: ChunkConsumer
  readonly logs?: ActorSpec['logs']
  readonly pace?: ActorSpec['pace']
  readonly secrets?: ActorSpec['secrets']
  /** Whether granted accesses are wanted too, not only denied ones. */
  readonly reportGranted: boolean
  readonly onDenied: (denied: DeniedAccess) => void
  /** Hears every record that the journal reports of this run. */
  readonly onRecord?: ((record: RingRecord) => void) | undefined
  /** A place of its own, where what it records is its own word; a warm worker when left out. */
  readonly channel?: Channel | undefined
}

export type StartedRun = {
  readonly actor: ComponentActor
  readonly collector: AccessCollector
  /** What it has of the services that all actors share. */
  readonly services: Pick<RunServices, 'changeQuotas' | 'gauges' | 'traffic'>
  /** How much of its rate of audit records is spent now. */
  readonly auditSpent: () => Spent
}

/** Starts the component. */
export function startRun(request: RunRequest, engine: Engine): StartedRun {
  const { component, context, incarnation } = request
  const { journal, reports } = engine
  const collector = new AccessCollector(context, request.documents, request.reportGranted ? 'all' : 'denied')
  const openRing = (attested: 'host' | 'child') => {
    const opened = journal.attach(
      {
        component: context.principal,
        incarnation,
        trust: request.standing.trust,
        approval: request.standing.approval,
        digest: component.digest,
      },
      { report: request.reportGranted ? 'all' : 'denied', attested },
    )
    reports.set(opened.id, (record) => {
      request.onRecord?.(record)
      const denied = record.type === 'access' ? collector.add(record) : undefined
      if (denied !== undefined) request.onDenied(denied)
    })
    return opened
  }
  const releaseRing = (id: number) => journal.release(id).finally(() => reports.delete(id))
  const ring = openRing(request.channel === undefined ? 'host' : 'child')
  const { interfaces, attach: attachInterfaces } = interfacesOf({
    ...{ service: engine.interfaces, principal: context.principal, tenant: request.tenant, incarnation },
    imports: component.imports,
    deadlineMs: request.deadlineMs,
    messageDeadlineMs: request.messageDeadlineMs,
    nowNs: () => engine.clock.monotonicNs() - engine.originNs,
    openRing: () => openRing('host'),
    releaseRing,
    actor: (): ComponentActor => actor,
  })
  const services = new RunServices({
    ...{ services: engine.services, terms: request.services },
    interfaces: attachInterfaces,
    raise: engine.raise,
    nowNs: () => engine.clock.monotonicNs() - engine.originNs,
    attach: () => openRing('host'),
    release: releaseRing,
    onBreach: ({ message }) => void actor.killBecause({ kind: 'breach', message }),
  })
  const actor: ComponentActor = new ComponentActor(
    {
      executable: component.executable,
      context,
      interfaces,
      services: services.find,
      deadlineMs: request.deadlineMs,
      messages: request.messages,
      messageDeadlineMs: request.messageDeadlineMs,
      http: request.http,
      stdin: request.stdin,
      stdout: request.stdout,
      stderr: request.stderr,
      logs: request.logs,
      pace: request.pace,
      secrets: request.secrets,
    },
    {
      channel: request.channel ?? engine.spares.take(),
      ring,
      releaseRing: () => releaseRing(ring.id),
      clock: engine.clock,
      originNs: engine.originNs,
    },
  )
  const pace = new RateBucket(ring.memory.pace, () => engine.clock.monotonicNs() - engine.originNs)
  return { actor, collector, services, auditSpent: () => pace.spent() }
}
