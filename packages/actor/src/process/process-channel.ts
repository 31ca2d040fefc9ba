// The host's end of an actor in a process of its own (DESIGN D9, D13).
//
// INVARIANT (claims): whatever comes from the process is a claim. Each byte is judged by the inlets; the first one that no
// honest process sends ends the process as a security fault. What a claim can decide is the actor's own fate: its
// outcome, its outputs, its memory as it is shown. Deadlines, processor time, waits that the host owes, and the end itself
// are the host's own findings.

import { randomFillSync } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSlotBell, type SlotMemory } from '@bulkhead/lane'
import type { WorkerContext } from '@bulkhead/security-context'
import { assertNever, BulkheadError, wireFromUnknown } from '@bulkhead/vocabulary'
import type { ContextUpdate, ServiceName } from '@bulkhead/wasi'
import type { Channel, ChannelExit } from '../channel.js'
import { type HttpRelay, relayToProcess } from '../http/http-relay.js'
import { Ledger } from '../ledger.js'
import type { MessagesToWorker } from '../message-protocol.js'
import type { Begin, FromWorker, GuestOutcome } from '../protocol.js'
import { AuditInlet } from './audit-inlet.js'
import { planBinds } from './bind-plan.js'
import { updated } from './bridge-run.js'
import { type Cgroup, type CgroupPlace, makeCgroup } from './cgroup.js'
import { ControlInlet } from './control-inlet.js'
import { ControlOutlet } from './control-outlet.js'
import { BadClaim, type FromChild } from './from-child.js'
import { HostedMessages } from './hosted-messages.js'
import { HostedServices } from './hosted-services.js'
import { feedInput } from './input-outlet.js'
import { bridgeCommand, type Launched, launch } from './launch.js'
import { LedgerMirror } from './ledger-mirror.js'
import { diagnosticsBytesMax, goodbyeMs, ownDescriptorsMax } from './limits.js'
import { LogInlet } from './log-inlet.js'
import { watchMemory } from './memory-watch.js'
import { OutputInlet } from './output-inlet.js'
import { exchangedMount, hiddenPlaces } from './places.js'
import { heldBytes } from './proc-facts.js'
import { deathOf } from './process-death.js'
import { ProcessEnd } from './process-end.js'
import { dataLimit, mebibytes, processMemoryMax } from './process-memory.js'
import type { ProcessSpec } from './process-spec.js'
import type { RemoteBegin, RemoteNews } from './remote-protocol.js'
import { SandboxStatus } from './sandbox-status.js'

type Phase = 'starting' | 'up' | 'begun' | 'ready' | 'over'

let groups = 0

/** The host's end of one process; `openProcessChannel` makes it. */
export class ProcessChannel implements Channel {
  readonly kind = 'socket'
  readonly ledger = new Ledger()
  readonly exited: Promise<ChannelExit>
  readonly drained: Promise<void>
  readonly #services = new HostedServices(createSlotBell(), {
    want: (wanted) => this.#tell(wanted),
    send: (news, onSent) => this.#outlet.send(news, onSent),
    nowNs: () => this.#monotonicNs() - this.#originNs,
  })
  readonly serviceWake = this.#services.wake
  readonly #spec: ProcessSpec
  readonly #mounts: WorkerContext['mounts']
  readonly #memoryBytesMax: number
  readonly #launched: Launched
  readonly #end: ProcessEnd
  readonly #control: ControlInlet
  readonly #outlet: ControlOutlet
  readonly #mirror = new LedgerMirror(this.ledger)
  readonly #status = new SandboxStatus()
  readonly #listeners: ((message: FromWorker) => void)[] = []
  #outputs: readonly OutputInlet[] = []
  #audit: AuditInlet | undefined
  #logs: LogInlet | undefined
  #http: HttpRelay | undefined
  #messages: HostedMessages | undefined
  #begin: { readonly message: Begin; context: WorkerContext } | undefined
  #phase: Phase = 'starting'
  #stopAsked = false
  #killed = false
  #died: (Error & { readonly code?: string }) | undefined
  #diagnostics = ''

  constructor(spec: ProcessSpec) {
    this.#spec = spec
    const { binds, mounts } = planBinds(spec.context)
    const weak = spec.rung === 'weak'
    if (weak && mounts.length > 0) throw filesWithoutWalls()
    this.#mounts = mounts
    this.#memoryBytesMax = processMemoryMax(spec.executable, spec.context.limits.memoryBytesMax)
    const sandbox = weak ? 'weak' : { binds, hidden: hiddenPlaces(spec.hidden ?? []) }
    this.#launched = launch({
      sandbox,
      command: bridgeCommand(sandbox, spec.workerEntry ?? 'worker.bundled.js'),
      dataBytesMax: dataLimit(this.#memoryBytesMax),
      openFilesMax: spec.context.limits.handlesMax + ownDescriptorsMax,
      held: spec.cgroups !== undefined,
    })
    const group = makeGroup(spec.cgroups, this.#memoryBytesMax)
    const channels = everySocket(this.#launched)
    this.#end = new ProcessEnd(this.#launched.outer, channels)
    this.#control = new ControlInlet(
      this.#launched.control,
      (message) => this.#hear(message),
      (reason) => this.#breach(reason),
    )
    this.#outlet = new ControlOutlet(this.#launched.control, (reason) => this.#breach(reason))
    this.#listen(group)
    const memory = watchMemory(
      () => (this.#end.pid === undefined ? 0 : heldBytes(this.#end.pid)),
      this.#memoryBytesMax,
      (bytes) => this.#conclude({ kind: 'exceeded', message: `the process holds ${mebibytes(bytes)} of memory` }),
    )
    this.exited = this.#end.seen.then(() => {
      memory.stop()
      this.#messages?.leave()
      this.#services.leave()
      group?.remove()
      return this.#exit()
    })
    this.drained = this.#end.seen.then(() => this.#drain())
  }

  begin(message: Begin): void {
    this.#begin = { message, context: { ...message.context, mounts: this.#mounts } }
    this.#mirror.begin(message.context.policyVersion)
    this.#attach(message)
    this.#messages = this.#hostMessages(message)
    this.#beginWhenUp()
  }

  replaceContext(update: ContextUpdate): void {
    this.#messages?.replaceTable(update.table)
    const begin = this.#begin
    if (begin !== undefined && !this.#hasBegun()) {
      begin.context = updated(begin.context, update)
      this.#mirror.begin(update.policyVersion)
      return
    }
    this.#mirror.announce(update.policyVersion)
    this.#outlet.send({ kind: 'context', update })
  }

  requestStop(): void {
    this.#stopAsked = true
    this.ledger.requestStop()
    this.#messages?.stop()
    if (this.#hasBegun()) this.#outlet.send({ kind: 'stop' })
  }

  post(message: MessagesToWorker | RemoteNews): void {
    if (message.kind !== 'remote') this.#messages?.take(message)
  }

  endExchange(number: number): void {
    if (this.#hasBegun()) this.#outlet.send({ kind: 'exchange-ended', number })
  }

  giveService(service: ServiceName, slot: SlotMemory | 'down'): void {
    this.#services.give(service, slot)
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.#listeners.push(listener)
  }

  cpuMs(): number {
    return this.#end.cpuMs()
  }

  wantsCpu(): boolean {
    return this.#end.wantsCpu()
  }

  terminate(): void {
    this.#killed = true
    this.#end.kill()
  }

  #hasBegun(): boolean {
    return this.#phase !== 'starting' && this.#phase !== 'up'
  }

  /** What the process says besides by its inlets. */
  #listen(group: Cgroup | undefined): void {
    const { outer, status, stdin, diagnostics, release } = this.#launched
    let over = false
    const inside = (pid: number): void => {
      group?.enter(pid)
      this.#end.identify(pid)
      release()
    }
    if (status === undefined && outer.pid !== undefined) inside(outer.pid)
    status?.on('error', () => {})
    status?.on('data', (text: Buffer) => {
      const known = this.#status.childPid
      this.#status.push(text.toString('latin1'))
      if (known === undefined && this.#status.childPid !== undefined) inside(this.#status.childPid)
    })
    diagnostics.on('error', () => {})
    diagnostics.on('data', (text: Buffer) => {
      this.#diagnostics = (this.#diagnostics + text.toString('utf8')).slice(0, diagnosticsBytesMax)
      // The rest is read when it has ended.
      if (this.#diagnostics.length === diagnosticsBytesMax && !over) diagnostics.pause()
    })
    stdin.on('error', () => {})
    stdin.on('data', () => this.#breach('something came out of the standard input'))
    // From here on nothing more is written: all that is left is read, however slow its readers are.
    outer.once('exit', () => {
      over = true
      this.#readLeftovers()
    })
  }

  #attach({ ring, originNs, stdin, stdout, stderr, logs, http }: Begin): void {
    const { launched, nowNs } = { launched: this.#launched, nowNs: () => this.#monotonicNs() - originNs }
    if (ring === undefined) throw new BulkheadError('internal', 'an actor without a ring to record in')
    this.#outputs = [new OutputInlet(launched.stdout, stdout), new OutputInlet(launched.stderr, stderr)]
    this.#logs = new LogInlet(logs, () => this.#outlet.send({ kind: 'logged' }))
    this.#audit = new AuditInlet(launched.audit, ring, {
      clock: nowNs,
      policyVersion: () => this.ledger.observedVersion,
      onWait: (waiting) => {
        if (waiting) this.ledger.beginHostWait(nowNs())
        else this.ledger.endHostWait(nowNs())
      },
      onBreach: (reason) => this.#breach(reason),
      onRecorded: (granted, stalled) => this.#outlet.send({ kind: 'recorded', granted, stalled }),
    })
    if (stdin === undefined) launched.stdin.end()
    else void feedInput(stdin, launched.stdin)
    this.#http = http && relayToProcess(http, launched.http, (reason) => this.#breach(reason))
  }

  #hostMessages({ messages, context, originNs }: Begin): HostedMessages | undefined {
    if (messages === undefined) return undefined
    return new HostedMessages(messages, context.table, {
      ledger: this.ledger,
      now: () => this.#monotonicNs() - originNs,
      fillRandom: (bytes) => void randomFillSync(bytes),
      post: (event) => this.#tell(event),
      send: (answer) => this.#outlet.send({ kind: 'remote', answer }),
      isBound: () => this.#mirror.isBound,
    })
  }

  #beginWhenUp(): void {
    if (this.#phase !== 'up' || this.#begin === undefined) return
    this.#phase = 'begun'
    const { message, context } = this.#begin
    const { originNs, stdin, secrets, http, ring } = message
    const { executable } = this.#spec
    const messages = remoteBegin(message.messages)
    const hasInput = stdin !== undefined
    this.#outlet.send({
      ...{ kind: 'begin', executable, context, originNs, hasInput, messages, answersHttp: http !== undefined },
      strictAudit: ring?.durable !== undefined,
      ...(secrets === undefined ? {} : { secrets }),
    })
    if (this.#stopAsked) this.#outlet.send({ kind: 'stop' })
  }

  #hear(message: FromChild): void {
    switch (message.kind) {
      case 'up':
        this.#enter('up', ['starting'])
        this.#checkMounts()
        this.#beginWhenUp()
        break
      case 'ready':
        this.#enter('ready', ['begun'])
        this.#tell(message)
        void this.#messages?.serve()
        break
      case 'ended':
        this.#enter('over', ['begun', 'ready'])
        this.#messages?.stop()
        for (const output of [...this.#outputs, this.#http]) output?.drain()
        this.#tell({ ...message, cpuMs: this.cpuMs() })
        this.#expectEnd()
        break
      case 'died':
        this.#died ??= Object.assign(new Error(message.message), { code: message.code })
        this.#expectEnd()
        break
      case 'breach':
        this.#breach(message.reason)
        break
      case 'bound':
        this.#mirror.bind(message.version, message.entered)
        break
      case 'ledger':
        this.#mirror.take(message.entries)
        break
      case 'log':
        if (this.#logs === undefined) throw new BadClaim('a log message of a guest that has not begun')
        this.#logs.take(message)
        break
      case 'remote':
        if (this.#messages === undefined) throw new BadClaim('messages of a guest that has none')
        this.#messages.hear(message.wish)
        break
      case 'service-wanted':
      case 'service-call':
      case 'service-cancel':
        if (!this.#hasBegun()) throw new BadClaim('a service for a guest that has not begun')
        this.#services.hear(message)
        break
      default:
        assertNever(message)
    }
  }

  /** Nothing of the guest's is in there yet: what is bound now stays so. */
  #checkMounts(): void {
    const error = this.#end.pid === undefined ? undefined : exchangedMount(this.#end.pid, this.#mounts)
    if (error !== undefined) this.#conclude({ kind: 'unstartable', error: wireFromUnknown(error) })
  }

  /** Each thing once, in its order: who is ready twice would set its deadline anew. */
  #enter(phase: Phase, from: readonly Phase[]): void {
    if (!from.includes(this.#phase)) throw new BadClaim(`\`${phase}\` from a process that is ${this.#phase}`)
    this.#phase = phase
  }

  #breach(reason: string): void {
    this.ledger.hostility = 'injection'
    this.#conclude({ kind: 'poisoned', message: `a process sent what it may not: ${reason}` })
  }

  /** Who has said goodbye has to go. */
  #expectEnd(): void {
    const timer = setTimeout(() => this.#end.kill(), goodbyeMs).unref()
    void this.#end.seen.then(() => clearTimeout(timer))
  }

  /** The host's own word about how it ended, instead of the process's. */
  #conclude(outcome: GuestOutcome): void {
    this.#phase = 'over'
    this.#control.close()
    this.#tell({ kind: 'ended', outcome, cpuMs: this.cpuMs(), leakedDescriptors: 0 })
    this.terminate()
  }

  #tell(message: FromWorker): void {
    for (const listener of this.#listeners) listener(message)
  }

  #readLeftovers(): void {
    this.#control.drain()
    this.#audit?.drain()
    for (const output of [...this.#outputs, this.#http]) output?.drain()
    for (const socket of everySocket(this.#launched)) socket.resume()
  }

  async #drain(): Promise<void> {
    await Promise.all([this.#audit?.done, this.#logs?.end(), ...this.#outputs.map(({ done }) => done)])
  }

  #exit(): ChannelExit {
    if (this.#killed || this.#phase === 'over') return {}
    if (this.#died !== undefined) return { error: this.#died }
    const { outer } = this.#launched
    const remains = { outer, status: this.#status, diagnostics: this.#diagnostics, early: this.#phase === 'starting' }
    return { error: deathOf(remains) }
  }

  get #originNs(): bigint {
    return this.#begin?.message.originNs ?? 0n
  }

  #monotonicNs(): bigint {
    return this.#spec.monotonicNs?.() ?? process.hrtime.bigint()
  }
}

function remoteBegin(messages: Begin['messages']): RemoteBegin | undefined {
  return (
    messages && {
      handles: messages.mailbox !== undefined,
      messagesMax: messages.messagesMax,
      healthEveryMs: messages.healthEveryMs,
      functions: messages.functions,
    }
  )
}

function everySocket({ control, audit, stdin, stdout, stderr, http, diagnostics, status }: Launched): Socket[] {
  return [control, audit, stdin, stdout, stderr, http, diagnostics, ...(status === undefined ? [] : [status])]
}

function makeGroup(place: CgroupPlace | undefined, bytesMax: number): Cgroup | undefined {
  return place === undefined ? undefined : makeCgroup(place, `bulkhead-${process.pid}-${++groups}`, bytesMax)
}

function filesWithoutWalls(): BulkheadError {
  return new BulkheadError('walls-missing', 'a process without walls holds no guest with files', {
    details: { wall: 'bubblewrap' },
    hint: 'install bubblewrap, or take the mounts away',
  })
}
