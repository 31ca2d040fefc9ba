import type { AttachedRing, RingTotals } from '@bulkhead/audit'
import type { Executable } from '@bulkhead/component/load'
import type { SecurityContext } from '@bulkhead/security-context'
import type { Clock, ExitReport, Usage } from '@bulkhead/vocabulary'
import type { CheckCounters, ContextUpdate, GuestContext } from '@bulkhead/wasi'
import { ActorOutputs, type OutputConsumers } from './actor-outputs.js'
import type { Channel } from './channel.js'
import { CpuWatch } from './cpu-watch.js'
import { type HostAct, reportExit } from './exit-report.js'
import type { HttpLanes } from './http/guest-exchange.js'
import type { MessageCounters } from './ledger.js'
import { cpuWatchWindowMs, killDeadlineMs, revocationGraceMs, startDeadlineMs } from './limits.js'
import type { LifecycleEvent, MailboxId, MessageEvent, MessagesBegin, MessagesToWorker } from './message-protocol.js'
import { MessageWatch } from './message-watch.js'
import { waitForOlderCall } from './older-calls.js'
import type { GuestOutcome } from './protocol.js'
import { ActorServices, type FindService } from './services/actor-services.js'
import { InputPump } from './stdio-host.js'

/** What one incarnation of a component needs to run. */
export type ActorSpec = OutputConsumers & {
  readonly executable: Executable
  readonly context: SecurityContext
  /** Interfaces of the host application that the component imports. */
  readonly interfaces?: GuestContext['interfaces'] | undefined
  /** Longest time of the whole run, host waits apart; none for `undefined`. */
  readonly deadlineMs: number | undefined
  readonly stdin: AsyncIterable<Uint8Array> | undefined
  /** Values that its configuration does not hold, because it is kept and shown. */
  readonly secrets?: readonly (readonly [name: string, value: string])[] | undefined
  /** What it needs to send and receive messages; nothing for a guest that does neither. */
  readonly messages?: MessagesBegin | undefined
  /** How it comes by the services that all actors share; left out: it has none. */
  readonly services?: FindService | undefined
  /** The lanes of bodies, made for this incarnation; nothing for a guest that answers no HTTP requests. */
  readonly http?: HttpLanes | undefined
  /** Longest time that its handler may take for one message, host waits apart. */
  readonly messageDeadlineMs?: number | undefined
}

/** What an actor is handed to act with. */
export type ActorPowers = {
  readonly channel: Channel
  /** The ring that the actor's decisions go to, made for this incarnation alone. */
  readonly ring: AttachedRing
  /** Drains the ring and ends it; called once, after the exit was seen. */
  readonly releaseRing: () => Promise<RingTotals>
  readonly clock: Clock
  /** Monotonic origin of the runtime, nanoseconds. */
  readonly originNs: bigint
  /** How much faster than usual the use of the processor is judged; 1 when left out. For tests. */
  readonly timeScale?: number
}

/**
 * What became of a guest that was inside a host call when its rules changed; `zombie`: it could not be stopped in time;
 * `stalled`: a service has not said in time that it has closed what they do not allow.
 */
export type Settled = 'left' | 'stopped' | 'zombie' | 'stalled'

/**
 * One incarnation of a component in a place of its own (DESIGN D6, D9). It starts when it is made; `exited` resolves once,
 * when the end was *seen*, its output consumed and its audit ring drained.
 *
 * @example
 * ```ts
 * const actor = new ComponentActor(spec, { channel: spares.take(), ring, releaseRing, clock, originNs })
 * await actor.ready
 * const report = await actor.exited
 * ```
 */
export class ComponentActor {
  /**
   * Resolves right before the guest's entry point is called, or when a guest without one is instantiated and waits for
   * messages. Stays open when the actor ends before.
   */
  readonly ready: Promise<void>
  /** Resolves once with the report of the exit that was seen. Never rejects. */
  readonly exited: Promise<ExitReport>
  /** Resolves when a kill that the actor began by itself (a deadline) was not seen to end in time. */
  readonly stuck: Promise<void>

  readonly #channel: Channel
  readonly #clock: Clock
  readonly #spec: ActorSpec
  readonly #seen: Promise<unknown>
  readonly #outputs: ActorOutputs
  readonly #startedNs: bigint
  readonly #originNs: bigint
  readonly #cpuWindowMs: number
  readonly #services: ActorServices
  #act: HostAct | undefined
  #outcome: GuestOutcome | undefined
  #cpuMs = 0
  #cancelTimer: () => void = () => {}
  #cancelWatch: () => void = () => {}
  #cancelMessageWatch: () => void = () => {}
  #tellMessageEvent: (event: MessageEvent) => void = () => {}
  #tellLifecycle: (event: LifecycleEvent) => void = () => {}
  #declareStuck: () => void = () => {}

  constructor(spec: ActorSpec, powers: ActorPowers) {
    this.#spec = spec
    this.#clock = powers.clock
    this.#channel = powers.channel
    this.#outputs = new ActorOutputs(powers.channel.ledger, spec)
    this.#startedNs = powers.clock.monotonicNs()
    this.#originNs = powers.originNs
    this.#cpuWindowMs = cpuWatchWindowMs / (powers.timeScale ?? 1)
    this.#seen = powers.channel.exited
    this.#services = new ActorServices(spec.context.worker.table, {
      find: spec.services ?? (async () => undefined),
      wake: powers.channel.serviceWake,
      give: (service, slot) => powers.channel.giveService(service, slot),
      clock: powers.clock,
      nowNs: () => this.#nowNs(),
    })
    this.ready = new Promise((resolve) => {
      powers.channel.onMessage((message) => {
        if (message.kind === 'ready') {
          this.#guestEntered()
          resolve()
        } else if (message.kind === 'ended') {
          this.#outcome = message.outcome
          this.#outputs.hurry()
          this.#cpuMs = message.cpuMs
        } else if (message.kind === 'service-wanted') {
          void this.#services.want(message.service)
        } else if (message.kind === 'lifecycle') {
          this.#hearLifecycle(message)
        } else if (message.kind !== 'remote') {
          this.#tellMessageEvent(message)
        }
      })
    })
    this.stuck = new Promise((resolve) => {
      this.#declareStuck = resolve
    })
    this.exited = this.#run(powers)
  }

  /** Asks for an orderly stop: the guest's stack unwinds at its next host call. A guest that makes none must be killed. */
  stop(): void {
    this.#act ??= { kind: 'stop' }
    this.#channel.requestStop()
  }

  /** Forces the end. `'zombie'` when the exit was not seen within the kill deadline: it then still holds what it held. */
  kill(): Promise<'exited' | 'zombie'> {
    return this.#terminate({ kind: 'kill' })
  }

  /** Ends the actor for a reason of the host's own: a deadline that passed, an output that is too large. */
  async killBecause(act: HostAct): Promise<void> {
    if ((await this.#terminate(act)) === 'zombie') this.#declareStuck()
  }

  async #terminate(act: HostAct): Promise<'exited' | 'zombie'> {
    this.#act ??= act
    this.#sampleCpu()
    this.#channel.terminate()
    let cancel = (): void => {}
    const late = new Promise<'zombie'>((resolve) => {
      cancel = this.#clock.after(killDeadlineMs, () => resolve('zombie'))
    })
    const outcome = await Promise.race([this.#seen.then(() => 'exited' as const), late])
    cancel()
    return outcome
  }

  /**
   * Binds newer rules inside the running call (DESIGN D3): the guest's next decision, also in the middle of a host call, is
   * by them, and what it holds open is decided again. `settleOn` tells when nothing goes on under older ones.
   */
  replaceContext(update: ContextUpdate): void {
    if (update.limits?.cpuPercent !== undefined) this.#watchCpu(update.limits.cpuPercent)
    // ORDER: the services decide by it before the guest can ask by it (DESIGN D3).
    this.#services.updateTable(update.table)
    this.#channel.replaceContext(update)
  }

  /** The policy version under which the guest is inside a host call now; 0 outside. */
  entered(): number {
    return this.#channel.ledger.enteredVersion
  }

  /**
   * Resolves when the guest is in no host call that decided by rules older than `version`, and no service has anything open
   * that the newest do not allow: `left` by itself, or `stopped` after `graceMs`, `zombie` when it could not be. Call it
   * after `replaceContext` (DESIGN D3).
   *
   * @example
   * ```ts
   * actor.replaceContext({ policyVersion: 8, table, neighbours })
   * const how = await actor.settleOn(8) // 'left'
   * ```
   */
  async settleOn(version: number, graceMs: number = revocationGraceMs): Promise<Settled> {
    const channel = this.#channel
    const waited = await waitForOlderCall(channel.ledger, version, graceMs, channel, this.#clock, this.#seen)
    const how = waited === 'left' ? 'left' : await this.#stopOlder(version, graceMs)
    if (how === 'zombie') return how
    return (await this.#services.settled()) ? how : 'stalled'
  }

  async #stopOlder(version: number, graceMs: number): Promise<'stopped' | 'zombie'> {
    const killed = await this.#terminate({ kind: 'revoked', policyVersion: version, graceMs })
    if (killed === 'exited') return 'stopped'
    this.#declareStuck()
    return 'zombie'
  }

  /**
   * Tells the worker something about messages, and wakes it wherever it waits. The reader of a lane is told of it before
   * its sender is.
   */
  post(message: MessagesToWorker): void {
    this.#channel.post(message)
  }

  /** Wakes it where it waits for what a lane brings, or for room in one. */
  wake(): void {
    this.#channel.ledger.wake()
  }

  /** Nobody waits for the answer of this exchange any more: the guest finds its streams closed. */
  endExchange(number: number): void {
    this.#channel.endExchange(number)
  }

  /** Calls back with what the worker tells about messages. One listener, given right after the actor was made. */
  onMessageEvent(listener: (event: MessageEvent) => void): void {
    this.#tellMessageEvent = listener
  }

  /** Calls back with what the worker tells of the guest's lifecycle: as `onMessageEvent` does. */
  onLifecycle(listener: (event: LifecycleEvent) => void): void {
    this.#tellLifecycle = listener
  }

  /** What became of messages, exact now. */
  messageCounters(): MessageCounters {
    return this.#channel.ledger.messageCounters
  }

  /** The mailbox whose answer the guest waits for in a request; `undefined` while it waits for none. */
  awaitedMailbox(): MailboxId | undefined {
    return this.#channel.ledger.awaitedMailbox
  }

  /** What the guest held open when it was last looked at, of what its quota of handles counts. */
  handlesOpen(): number {
    return this.#channel.ledger.handlesOpen
  }

  /** What the guard has counted: at most a few host calls old, read without asking the guest. */
  counters(): CheckCounters {
    return this.#channel.ledger.counters
  }

  /** Linear memory, all memories together, in bytes: at most a few host calls old. */
  memoryBytes(): number {
    return this.#channel.ledger.memoryBytes
  }

  /** Processor time that it has used so far, in milliseconds, as the operating system tells it. */
  cpuMs(): number {
    return this.#channel.cpuMs()
  }

  /** How long its handler has had the message at hand, in milliseconds; `undefined` when it has none. */
  messageMs(): number | undefined {
    const since = this.#channel.ledger.messageSinceNs
    return since === undefined ? undefined : Number(this.#nowNs() - since) / 1e6
  }

  #guestContext(): GuestContext {
    const { context, interfaces } = this.#spec
    return interfaces === undefined ? context.worker : { ...context.worker, interfaces }
  }

  async #run(powers: ActorPowers): Promise<ExitReport> {
    const { ledger } = this.#channel
    const { secrets } = this.#spec
    const stdin = this.#spec.stdin === undefined ? undefined : new InputPump(ledger, this.#spec.stdin)
    this.#armTimer('start-deadline', startDeadlineMs)
    const { policyVersion, limits } = this.#spec.context.worker
    ledger.observedVersion = policyVersion
    this.#watchCpu(limits.cpuPercent)
    this.#channel.begin({
      kind: 'begin',
      executable: this.#spec.executable,
      context: this.#guestContext(),
      ring: powers.ring.memory,
      originNs: powers.originNs,
      stdin: stdin?.memory,
      ...this.#outputs.memories,
      ...(secrets === undefined ? {} : { secrets }),
      messages: this.#spec.messages,
      http: this.#spec.http,
    })

    const seen = await this.#channel.exited
    const wallMs = Number(this.#clock.monotonicNs() - this.#startedNs) / 1e6
    this.#cancelTimer()
    this.#cancelWatch()
    this.#cancelMessageWatch()
    stdin?.cancel()
    this.#outputs.hurry()
    await Promise.all([this.#channel.drained, this.#services.end()])
    // A journal that is gone has told the host so itself; the exit of this actor is a fact all the same.
    const ringTotals = powers.releaseRing().catch(() => nothingCounted)
    const [totals, badLanes] = await Promise.all([ringTotals, this.#outputs.finish()])
    const usage: Usage = {
      ...{ wallMs, cpuMs: this.#cpuMs, memoryPeak: ledger.memoryBytes },
      ...{ checksGranted: totals.granted, checksDenied: totals.denied },
    }
    return reportExit({
      act: this.#act,
      hostility: ledger.hostility,
      outcome: this.#outcome,
      workerError: seen.error,
      corruption: totals.corrupt ?? badLanes[0],
      usage,
      stderrTail: this.#outputs.stderrTail,
    })
  }

  #guestEntered(): void {
    this.#cancelTimer()
    if (this.#spec.deadlineMs !== undefined) this.#armTimer('deadline', this.#spec.deadlineMs)
    if (this.#spec.messageDeadlineMs !== undefined) this.#watchMessages(this.#spec.messageDeadlineMs)
  }

  /** Whoever stopped it may wait for the end of its `shutdown` without end, so that it is held to a time here. */
  #hearLifecycle(event: LifecycleEvent): void {
    const { messageDeadlineMs } = this.#spec
    const isLast = event.stage === 'shutdown' && messageDeadlineMs !== undefined
    if (isLast) this.#armTimer('message-deadline', messageDeadlineMs)
    this.#tellLifecycle(event)
  }

  /** Ends a guest whose handler has had one message for too long. */
  #watchMessages(deadlineMs: number): void {
    const { ledger } = this.#channel
    const watch = new MessageWatch(deadlineMs)
    const look = (): void => {
      const nowNs = this.#nowNs()
      const again = watch.look({ nowNs, sinceNs: ledger.messageSinceNs, hostWaitNs: this.hostWaitNs(nowNs) })
      if (again !== 'overdue') this.#cancelMessageWatch = this.#clock.after(again, look)
      else void this.killBecause({ kind: 'message-deadline', deadlineMs })
    }
    look()
  }

  /** Time in which the host owed progress does not run: when it falls due, the waits since then are added and it is set again. */
  #armTimer(kind: 'deadline' | 'start-deadline' | 'message-deadline', deadlineMs: number): void {
    this.#cancelTimer()
    const since = this.#nowNs()
    const waitedBefore = this.hostWaitNs(since)
    const check = (): void => {
      const now = this.#nowNs()
      const usedMs = Number(now - since - (this.hostWaitNs(now) - waitedBefore)) / 1e6
      if (usedMs >= deadlineMs) void this.killBecause({ kind, deadlineMs })
      else this.#cancelTimer = this.#clock.after(Math.max(1, deadlineMs - usedMs), check)
    }
    this.#cancelTimer = this.#clock.after(deadlineMs, check)
  }

  /** Stops a guest that uses the processor and makes no host call, at which the guard would hold it to its share. */
  #watchCpu(sharePercent: number): void {
    this.#cancelWatch()
    if (!CpuWatch.canExceed(sharePercent)) return
    const { ledger } = this.#channel
    const watch = new CpuWatch(sharePercent, this.#cpuWindowMs)
    const look = (): void => {
      const atMs = Number(this.#clock.monotonicNs()) / 1e6
      const usedPercent = watch.take({ atMs, usedMs: this.#channel.cpuMs(), visits: ledger.cpuReadings })
      if (usedPercent === undefined) this.#cancelWatch = this.#clock.after(watch.intervalMs, look)
      else void this.killBecause({ kind: 'cpu', sharePercent, usedPercent: Math.round(usedPercent) })
    }
    this.#cancelWatch = this.#clock.after(watch.intervalMs, look)
  }

  /** Time in which the host owed progress: a journal that is late, services that had not begun. No deadline runs in it. */
  hostWaitNs(nowNs = this.#nowNs()): bigint {
    return this.#channel.ledger.hostWaitNs(nowNs) + this.#services.queuedNs(nowNs)
  }

  /** On the worker's own scale: host waits are stamped there. */
  #nowNs(): bigint {
    return this.#clock.monotonicNs() - this.#originNs
  }

  #sampleCpu(): void {
    this.#cpuMs = Math.max(this.#cpuMs, this.#channel.cpuMs())
  }
}

const nothingCounted: RingTotals = { granted: 0, denied: 0, probes: 0, records: 0 }
