import type { ActorSpec, AttachService, ComponentActor } from '@bulkhead/actor'
import type { AttachedRing } from '@bulkhead/audit'
import type { Caller } from './interface-channel.js'
import type { InterfaceService } from './interface-service.js'

export type InterfaceRun = {
  readonly service: InterfaceService
  /** `component:ingest`, or `exec`. */
  readonly principal: string
  readonly tenant?: string | undefined
  readonly incarnation: number
  /** As the component writes them. */
  readonly imports: readonly string[]
  /** Of the whole run, or of each message or call; none where there is none. */
  readonly deadlineMs: number | undefined
  readonly messageDeadlineMs: number | undefined
  readonly nowNs: () => bigint
  /** Makes a ring for what the host decides of this incarnation, and ends it. */
  readonly openRing: () => AttachedRing
  readonly releaseRing: (ring: number) => Promise<unknown>
  /** Made after this. */
  readonly actor: () => Pick<ComponentActor, 'killBecause' | 'messageMs'>
}

/** What one run is given of the host application's interfaces: those that its component imports, and the way to them. */
export function interfacesOf(run: InterfaceRun): {
  readonly interfaces: ActorSpec['interfaces']
  /** `undefined` for a component that imports none. */
  readonly attach: AttachService | undefined
} {
  const { service, principal, tenant, incarnation, nowNs, actor } = run
  const interfaces = service.importedBy(run.imports)
  if (interfaces.length === 0) return { interfaces: undefined, attach: undefined }
  const child = principal.replace(/^component:/, '')
  const caller: Caller = tenant === undefined ? { child, incarnation } : { child, tenant, incarnation }
  const startedNs = nowNs()
  const deadlineLeftMs = (): number | undefined => {
    const { deadlineMs, messageDeadlineMs } = run
    const messageMs = actor().messageMs()
    if (messageDeadlineMs !== undefined && messageMs !== undefined) return Math.max(0, messageDeadlineMs - messageMs)
    return deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - Number(nowNs() - startedNs) / 1e6)
  }
  return {
    interfaces,
    attach: ({ table, wake }) =>
      service.attach({
        ...{ table, imported: interfaces, wake, caller, deadlineLeftMs },
        records: { attach: run.openRing, release: run.releaseRing },
        onBreach: ({ message }) => void actor().killBecause({ kind: 'breach', message }),
        onHostFault: (message) => void actor().killBecause({ kind: 'host-failed', message }),
      }),
  }
}
