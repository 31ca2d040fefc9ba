// One run of one component: the same for `exec` and for the children of a tree.

import { type ChunkConsumer, ComponentActor, type WarmSpares } from '@bulkhead/actor'
import type { Journal } from '@bulkhead/audit'
import type { PreparedComponent } from '@bulkhead/component'
import type { Documents, SecurityContext } from '@bulkhead/security-context'
import { type Clock, systemClock } from '@bulkhead/vocabulary'
import { AccessCollector } from './access-collector.js'
import type { DeniedAccess } from './types.js'

/** What the runtime shares among all of its actors. */
export type Engine = {
  readonly journal: Journal
  readonly spares: WarmSpares
  readonly clock: Clock
  readonly originNs: bigint
}

export type RunRequest = {
  readonly component: PreparedComponent
  readonly context: SecurityContext
  readonly documents: Documents
  readonly incarnation: number
  readonly deadlineMs: number | undefined
  readonly stdin: AsyncIterable<Uint8Array> | undefined
  readonly stdout: ChunkConsumer
  readonly stderr: ChunkConsumer
  /** Whether granted accesses are wanted too, not only denied ones. */
  readonly reportGranted: boolean
  readonly onDenied: (denied: DeniedAccess) => void
}

export type StartedRun = { readonly actor: ComponentActor; readonly collector: AccessCollector }

/** Starts the component in a warm worker. The trust and approval of `exec` and of a tree file are the operator's own word. */
export function startRun(request: RunRequest, engine: Engine): StartedRun {
  const collector = new AccessCollector(request.context, request.documents)
  const actor = new ComponentActor(
    {
      executable: request.component.executable,
      context: request.context,
      identity: {
        component: request.context.principal,
        incarnation: request.incarnation,
        trust: 'unknown',
        approval: 'approved',
        digest: request.component.digest,
      },
      deadlineMs: request.deadlineMs,
      stdin: request.stdin,
      stdout: request.stdout,
      stderr: request.stderr,
      reportGranted: request.reportGranted,
      onRecord: (record) => {
        const denied = collector.add(record)
        if (denied !== undefined) request.onDenied(denied)
      },
    },
    {
      channel: engine.spares.take(),
      journal: engine.journal,
      clock: engine.clock ?? systemClock,
      originNs: engine.originNs,
    },
  )
  return { actor, collector }
}
