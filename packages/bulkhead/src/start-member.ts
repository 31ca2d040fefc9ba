// One incarnation of a member of the tree, on its rung.

import type { HttpInjection } from '@bulkhead/host-services'
import { defaultQuotas } from '@bulkhead/manifest'
import type { SecurityContext } from '@bulkhead/security-context'
import type { ChildRun } from '@bulkhead/supervisors'
import type { ExitReport } from '@bulkhead/vocabulary'
import type { CallDesk } from './calls/call-desk.js'
import type { Emitter } from './emitter.js'
import type { HttpGate } from './http/http-gate.js'
import type { Rung } from './ladder/rungs.js'
import type { TreeLadder } from './ladder/tree-ladder.js'
import { stopWhenIdle } from './lifetimes/idle-watch.js'
import type { LiveChild } from './live-child.js'
import type { LogDesk } from './logs/log-desk.js'
import type { Exchange } from './messages/exchange.js'
import { hasMailbox, type MessageRole } from './messages/message-member.js'
import { type Engine, startRun } from './run-actor.js'
import { serviceQuotas } from './services/service-quotas.js'
import type { RuntimeEvents } from './types.js'

export type StartedMember = {
  readonly id: string
  readonly incarnation: number
  readonly live: LiveChild
  readonly role: MessageRole
  readonly rung: Rung
  /** Its own arguments, where it has other ones than its entry. */
  readonly args: readonly string[] | undefined
  /** After what time without work it is stopped; `undefined`: it runs on. */
  readonly idleMs: number | undefined
}

export type StartPowers = {
  readonly engine: Engine
  readonly exchange: Exchange
  /** Absent where the tree answers no HTTP requests. */
  readonly http: HttpGate | undefined
  readonly calls: CallDesk
  readonly ladder: TreeLadder
  readonly emitter: Emitter<RuntimeEvents>
  readonly logs: LogDesk
  /** What only its worker is told; read at each start. */
  readonly secrets: () => readonly (readonly [name: string, value: string])[]
  /** What the host adds to its HTTP requests; read when it first sends one. */
  readonly inject: () => readonly HttpInjection[]
}

export function startMember(member: StartedMember, powers: StartPowers): ChildRun {
  const { id, incarnation, live, role, rung, idleMs } = member
  const { engine, exchange, ladder, emitter } = powers
  const secrets = powers.secrets()
  const { plan, trust, limits } = live.judgement
  const tenant = tenantOf(live.id)
  const messageDeadlineMs = limits.deadlineMs?.value ?? defaultQuotas.deadlineMs
  const logs = powers.logs.begin(id, incarnation, live.id, () => live.judgement.limits.logBytesPerHour.value)
  const messages = exchange.begin(id, incarnation, rung.reduction?.rateDivisor)
  const http = role.servesHttp === true ? powers.http?.begin(id, live.id) : undefined
  const started = startRun(
    {
      component: rung.component,
      context: contextOf(member),
      documents: live.documents,
      standing: { trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level, approval: plan.state },
      incarnation,
      // Of a child that handles messages the deadline is that of each of them.
      deadlineMs: hasMailbox(role) ? undefined : limits.deadlineMs?.value,
      messages: messages && { ...messages, healthEveryMs: ladder.healthEveryMs },
      http: http?.lanes,
      messageDeadlineMs: hasMailbox(role) ? messageDeadlineMs : undefined,
      tenant,
      // Names of different tenants never meet, whatever their rules say.
      services: {
        owner: live.id,
        scope: tenant ?? '',
        quotas: serviceQuotas(limits, rung.reduction?.rateDivisor),
        inject: powers.inject,
      },
      stdin: undefined,
      ...{ stdout: logs.stdout, stderr: logs.stderr, logs: logs.logs, pace: logs.pace, secrets },
      reportGranted: false,
      onDenied: (denied) => emitter.emit('denied', { ...denied, child: id, incarnation }),
      onRecord: (record) => ladder.noted(id, record),
      channel: rung.channel,
    },
    engine,
  )
  live.run(id, started, incarnation, rung.reduction)
  const { actor } = started
  ladder.started(
    {
      ...{ id, messageDeadlineMs, isApart: rung.channel !== undefined },
      cpuPercent: () => live.judgement.limits.cpuPercent.value,
      cpuMs: () => actor.cpuMs(),
      memoryBytes: () => actor.memoryBytes(),
      messageMs: () => actor.messageMs(),
    },
    live,
  )
  actor.onLifecycle((event) => ladder.livesOn(id, event))
  exchange.attach(id, actor)
  http?.attach(actor)
  if (idleMs !== undefined) {
    const isBusy = (): boolean => actor.messageMs() !== undefined || exchange.hasMail(id)
    const handled = (): number => actor.messageCounters().handled
    const idle = { afterMs: idleMs, isBusy, handled, stop: () => actor.stop() }
    const unwatch = stopWhenIdle(idle, engine.clock)
    void actor.exited.then(unwatch)
  }
  return {
    ready: actor.ready,
    // ORDER: what it held of messages is settled before the supervisor hears of its end, and may start another.
    exited: actor.exited.then((seen) => {
      const report: ExitReport = http?.isLeft === true ? { ...seen, isBlameless: true } : seen
      logs.end()
      exchange.ended(id)
      powers.calls.ended(id, report)
      http?.end(report)
      ladder.ended(id)
      return report
    }),
    stuck: actor.stuck,
    stop: () => actor.stop(),
    kill: () => actor.kill(),
  }
}

/** `acme` of `acme/ingest`. */
function tenantOf(child: string): string | undefined {
  return child.includes('/') ? child.slice(0, child.indexOf('/')) : undefined
}

/** The context of its rung; a member of a pool may have arguments of its own, which grant nothing. */
function contextOf({ rung: { context }, args }: StartedMember): SecurityContext {
  return args === undefined ? context : { ...context, worker: { ...context.worker, args } }
}
