// Perimeter: the host's end of a service starts its thread, and starts another when it dies.
import { createRequire } from 'node:module'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { CapabilityTable } from '@bulkhead/capability'
import { createSlot, createSlotBell, SlotBell, SlotHost, type WakeWord } from '@bulkhead/lane'
import { assertNever, BulkheadError, errorFromWire, Fault } from '@bulkhead/vocabulary'
import { channelsMax, serviceCloseMs, serviceRestartsMax, serviceRestartWindowMs } from '../limits.js'
import type { FarDenial } from './channel-authority.js'
import type { ChannelTerms, FromService, ServiceThreadData, ToService } from './protocol.js'
import type { ServiceChannel } from './service-channel.js'

/** What the host is told. Nothing of it charges an actor but `onBreach`. */
export type ServiceEvents = {
  /** The thread died: what was open has failed, and another thread is started. A fault of the host's. */
  readonly onDied?: (reason: string) => void
  /** It serves again. */
  readonly onRestarted?: () => void
  /** It died too often, or cannot start again: every slot is closed. */
  readonly onFailed?: (error: BulkheadError) => void
  /** A worker wrote what our code in it cannot write: the actor's security fault. Its slot is closed. */
  readonly onBreach?: (channel: number, error: BulkheadError) => void
  /** Something of the host's went wrong in the service, which goes on: a damaged value, a disk that is full. */
  readonly onFault?: (error: BulkheadError) => void
  /** A request was refused on the far side: for the audit log. */
  readonly onDenied?: (channel: number, denial: FarDenial) => void
}

export type ServiceHostOptions<Options> = {
  readonly name: string
  /** The thread's module, as a specifier that resolves to the built file. */
  readonly entry: string
  readonly options: Options
  /** What instants count from, on the clock of `process.hrtime.bigint`: the runtime's start. Its zero unless said. */
  readonly originNs?: bigint | undefined
  readonly slot: { readonly requestBytes: number; readonly pageBytes: number }
  readonly events: ServiceEvents
  /** Another way to start the thread: for tests that kill it. */
  readonly spawn?: (entry: string, options: ConstructorParameters<typeof Worker>[1]) => Worker
}

type Channel<Terms> = {
  terms: ChannelTerms<Terms>
  readonly slot: SlotHost
  readonly taken: Int32Array
}

type Owed = { readonly resolve: () => void; readonly reject: (error: BulkheadError) => void }

/**
 * The host's end of a service: its thread, its channels, and what becomes of them when the thread dies. A service is never
 * killed; when it dies all the same, the calls that were open fail, and its successor gets the channels that are left.
 *
 * It keeps the process alive only while an answer is owed (`start`, `updateTable`, `gone`, `close`).
 */
export class ServiceHost<Options, Terms> {
  readonly #setup: ServiceHostOptions<Options>
  readonly #bellBuffer = createSlotBell()
  readonly #bell = new SlotBell(this.#bellBuffer)
  readonly #channels = new Map<number, Channel<Terms>>()
  readonly #owed = new Map<number, Owed>()
  readonly #deathsMs: number[] = []
  #thread: ServiceThread<Terms> | undefined
  #epoch = 0
  #nextChannel = 1
  #nextAck = 1
  #started: Owed | undefined
  #closing: Promise<void> | undefined
  #failed: BulkheadError | undefined

  private constructor(setup: ServiceHostOptions<Options>) {
    this.#setup = setup
  }

  /** @throws {BulkheadError} what the thread says when it cannot begin. */
  static async start<Options, Terms>(setup: ServiceHostOptions<Options>): Promise<ServiceHost<Options, Terms>> {
    const host = new ServiceHost<Options, Terms>(setup)
    await new Promise<void>((resolve, reject) => {
      host.#started = { resolve, reject }
      host.#spawn()
    })
    return host
  }

  /**
   * Opens a channel for one incarnation of an actor.
   *
   * @param wake the actor's wake word, which the service adds to when an answer is there.
   * @throws {BulkheadError} `resource-limit-exceeded` for one channel too many; the failure of a service that is down.
   */
  attach(table: CapabilityTable, terms: Terms, wake: WakeWord): ServiceChannel {
    this.#checkUp()
    if (this.#channels.size >= channelsMax) {
      throw new Fault(
        'resource-limit-exceeded',
        `the ${this.#setup.name} service has ${channelsMax} channels already`,
        {
          details: { resource: 'service channels', limit: channelsMax },
        },
      )
    }
    const channel = this.#nextChannel++
    const slot = createSlot({ ...this.#setup.slot, wake, bell: this.#bellBuffer })
    const denialsTaken = new SharedArrayBuffer(4)
    const whole = { channel, slot, table, denialsTaken, terms }
    this.#channels.set(channel, { terms: whole, slot: new SlotHost(slot), taken: new Int32Array(denialsTaken) })
    this.#post({ type: 'attach', ...whole })
    return {
      id: channel,
      slot,
      updateTable: (newer) => this.#updateTable(channel, newer),
      queuedNs: (nowNs) => this.#channels.get(channel)?.slot.queuedNs(nowNs) ?? 0n,
      gone: () => this.#gone(channel),
    }
  }

  /**
   * Puts a newer table in force: when it resolves, the service decides by it, and what it does not allow is closed.
   *
   * ORDER: before the version is published to the actor (DESIGN D3).
   */
  #updateTable(channel: number, table: CapabilityTable): Promise<void> {
    const open = this.#channels.get(channel)
    if (open === undefined) return Promise.resolve()
    open.terms = { ...open.terms, table }
    return this.#ask((ack) => ({ type: 'table', channel, table, ack }))
  }

  /** The incarnation's exit was seen: when it resolves, everything of it is closed and nothing of it is under way. */
  #gone(channel: number): Promise<void> {
    const open = this.#channels.get(channel)
    if (open === undefined) return Promise.resolve()
    this.#channels.delete(channel)
    open.slot.close()
    return this.#ask((ack) => ({ type: 'gone', channel, ack }))
  }

  /** Ends the service in order; slots that are still open are closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const { slot } of this.#channels.values()) slot.close()
    this.#channels.clear()
    await this.#thread?.close()
    this.#thread = undefined
    this.#settleAll()
  }

  #spawn(): void {
    const { name, entry, options, originNs = 0n, spawn = (file, how) => new Worker(file, how) } = this.#setup
    const { port1, port2 } = new MessageChannel()
    const posted = new SharedArrayBuffer(4)
    const data: ServiceThreadData<Options> = {
      port: port2,
      bell: this.#bellBuffer,
      posted,
      originNs,
      epoch: ++this.#epoch,
      options,
    }
    const file = createRequire(import.meta.url).resolve(entry)
    const worker = spawn(file, { name, env: {}, execArgv: [], workerData: data, transferList: [port2] })
    this.#thread = new ServiceThread<Terms>(worker, port1, posted, this.#bell, {
      onMessage: (message) => this.#receive(message),
      onExit: (reason) => this.#died(reason),
    })
    this.#thread.hold(true)
    for (const { terms } of this.#channels.values()) this.#post({ type: 'attach', ...terms })
  }

  #receive(message: FromService): void {
    switch (message.type) {
      case 'ready':
        this.#thread?.hold(this.#owed.size > 0)
        if (this.#started === undefined) this.#setup.events.onRestarted?.()
        this.#started?.resolve()
        this.#started = undefined
        break
      case 'refused':
        this.#fail(errorFromWire(message.error))
        break
      case 'ack':
        this.#settle(message.ack)
        break
      case 'denied':
        this.#setup.events.onDenied?.(message.channel, message.denial)
        this.#countDenial(message.channel)
        break
      case 'breach':
        // Nor has a successor of the thread anything to do with it.
        this.#channels.get(message.channel)?.slot.close()
        this.#channels.delete(message.channel)
        this.#setup.events.onBreach?.(message.channel, errorFromWire(message.error))
        break
      case 'fault':
        this.#setup.events.onFault?.(errorFromWire(message.error))
        break
      case 'closed':
        break
      default:
        assertNever(message)
    }
  }

  #countDenial(channel: number): void {
    const open = this.#channels.get(channel)
    if (open !== undefined) Atomics.add(open.taken, 0, 1)
  }

  #died(reason: string): void {
    this.#thread = undefined
    if (this.#closing !== undefined || this.#failed !== undefined) return
    for (const { slot } of this.#channels.values()) slot.fail()
    // A dead service holds nothing open and decides nothing any more: what was asked of it is done.
    this.#settleAll()
    const nowMs = performance.now()
    this.#deathsMs.push(nowMs)
    while ((this.#deathsMs[0] ?? nowMs) < nowMs - serviceRestartWindowMs) this.#deathsMs.shift()
    this.#setup.events.onDied?.(reason)
    if (this.#started === undefined && this.#deathsMs.length <= serviceRestartsMax) this.#spawn()
    else this.#fail(new Fault('internal', `the ${this.#setup.name} service has died: ${reason}`))
  }

  /** Down for good. */
  #fail(error: BulkheadError): void {
    this.#failed = error
    for (const { slot } of this.#channels.values()) slot.close()
    this.#settleAll()
    const started = this.#started
    this.#started = undefined
    if (started === undefined) this.#setup.events.onFailed?.(error)
    started?.reject(error)
  }

  #ask(message: (ack: number) => ToService<Terms>): Promise<void> {
    if (this.#thread === undefined) return Promise.resolve()
    const ack = this.#nextAck++
    return new Promise((resolve, reject) => {
      this.#owed.set(ack, { resolve, reject })
      this.#thread?.hold(true)
      this.#post(message(ack))
    })
  }

  #settle(ack: number): void {
    this.#owed.get(ack)?.resolve()
    this.#owed.delete(ack)
    if (this.#owed.size === 0) this.#thread?.hold(false)
  }

  #settleAll(): void {
    for (const ack of [...this.#owed.keys()]) this.#settle(ack)
  }

  #post(message: ToService<Terms>): void {
    this.#thread?.post(message)
  }

  #checkUp(): void {
    if (this.#failed !== undefined) throw this.#failed
    if (this.#closing !== undefined) throw new BulkheadError('usage', `the ${this.#setup.name} service is closed`)
  }
}

type ThreadEvents = {
  readonly onMessage: (message: FromService) => void
  readonly onExit: (reason: string) => void
}

/** One thread of a service, from its start to the exit that was seen. */
class ServiceThread<Terms> {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #posted: Int32Array
  readonly #bell: SlotBell
  readonly #exit: Promise<void>

  constructor(worker: Worker, port: MessagePort, posted: SharedArrayBuffer, bell: SlotBell, events: ThreadEvents) {
    this.#worker = worker
    this.#port = port
    this.#posted = new Int32Array(posted)
    this.#bell = bell
    let reason = 'its thread has ended'
    port.on('message', events.onMessage)
    worker.once('error', (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    this.#exit = new Promise((resolve) => {
      worker.once('exit', () => {
        // The last messages may still lie in the port: the exit does not wait for them.
        for (let last = receiveMessageOnPort(port); last !== undefined; last = receiveMessageOnPort(port)) {
          events.onMessage(last.message as FromService)
        }
        port.close()
        events.onExit(reason)
        resolve()
      })
    })
  }

  post(message: ToService<Terms>): void {
    this.#port.postMessage(message)
    Atomics.add(this.#posted, 0, 1)
    this.#bell.wake()
  }

  hold(owed: boolean): void {
    if (owed) {
      this.#worker.ref()
      this.#port.ref()
    } else {
      this.#worker.unref()
      this.#port.unref()
    }
  }

  /**
   * @throws {Fault} `internal` when it does not end in time. It is not killed then: what it holds (a database's lock) it
   * would hold for ever.
   */
  async close(): Promise<void> {
    this.hold(true)
    this.post({ type: 'close' })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Fault('internal', 'a service does not close')), serviceCloseMs)
    })
    await Promise.race([this.#exit, late]).finally(() => clearTimeout(timer))
  }
}
