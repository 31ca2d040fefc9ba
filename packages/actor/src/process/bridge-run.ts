import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createDurability, Durability } from '@bulkhead/audit/durability'
import type { PortableExecutable } from '@bulkhead/component/load'
import { LaneWriter } from '@bulkhead/lane'
import type { WorkerContext } from '@bulkhead/security-context'
import { assertNever, type LogLine } from '@bulkhead/vocabulary'
import type { ContextUpdate } from '@bulkhead/wasi'
import type { Channel } from '../channel.js'
import type { HttpLanes } from '../http/guest-exchange.js'
import { makeHttpLanes } from '../http/http-ends.js'
import { HttpRelay } from '../http/http-relay.js'
import { LogPump } from '../log-lines.js'
import { isInOlderCall } from '../older-calls.js'
import type { FromWorker } from '../protocol.js'
import { InputPump, OutputPump } from '../stdio-host.js'
import { BridgeServices } from './bridge-services.js'
import { encodeFrame, FrameReader } from './frames.js'
import { encodeFromChild, type FromChild } from './from-child.js'
import { ledgerEntries } from './ledger-mirror.js'
import { boundLookMs, hostFrameBytesMax, mirrorMs } from './limits.js'
import { decodeToChild, type ToChild } from './to-child.js'

export type BridgePowers = {
  /** To the actor's worker, which waits for its beginning. */
  readonly channel: Channel
  readonly control: Socket
  readonly stdin: Socket
  readonly stdout: Socket
  readonly stderr: Socket
  readonly http: Socket
  readonly leave: (code: number) => void
}

type Begin = Extract<ToChild, { kind: 'begin' }>

/** Between the host's sockets and the shared memory of one actor. */
export class Bridge {
  readonly #powers: BridgePowers
  readonly #frames = new FrameReader(hostFrameBytesMax)
  /** What the guest will begin with, while its modules are compiled: rules that come meanwhile are put into it. */
  #beginning: Begin | undefined
  #outputs: readonly (OutputPump | LogPump)[] = []
  #logged: () => void = () => {}
  #services: BridgeServices | undefined
  readonly #confirmed = createDurability()
  readonly #durability = new Durability(this.#confirmed)
  #endHttp: () => Promise<void> = async () => {}
  #told = ''

  constructor(powers: BridgePowers) {
    this.#powers = powers
  }

  run(): void {
    const { control, channel, leave } = this.#powers
    // Without its host there is nobody to run for.
    control.on('error', () => leave(1))
    control.on('close', () => leave(1))
    control.on('data', (bytes: Buffer) => this.#receive(bytes))
    channel.onMessage((message) => this.#tell(message))
    void channel.exited.then(({ error }) => this.#end(error))
    this.#send({ kind: 'up' })
    setInterval(() => this.#mirror(), mirrorMs)
  }

  #receive(bytes: Uint8Array): void {
    this.#frames.push(bytes)
    for (let body = this.#frames.next(); body !== undefined; body = this.#frames.next()) {
      this.#obey(decodeToChild(body))
    }
  }

  #obey(message: ToChild): void {
    switch (message.kind) {
      case 'begin':
        this.#beginning = message
        void this.#begin(message)
        break
      case 'context':
        this.#replaceContext(message.update)
        break
      case 'stop':
        this.#powers.channel.requestStop()
        break
      case 'logged':
        this.#logged()
        break
      case 'recorded':
        this.#durability.setStalled(message.stalled)
        this.#durability.reach(message.granted)
        break
      case 'exchange-ended':
        this.#powers.channel.endExchange(message.number)
        break
      case 'remote':
        this.#powers.channel.post(message)
        break
      case 'service-given':
      case 'service-answer':
        this.#services?.obey(message)
        break
      default:
        assertNever(message)
    }
  }

  async #begin({ executable, originNs, hasInput, messages, secrets, answersHttp, strictAudit }: Begin): Promise<void> {
    const { channel, stdin, stdout, stderr } = this.#powers
    const { ledger } = channel
    this.#services = new BridgeServices({
      channel,
      send: (claim) => this.#send(claim),
      nowNs: () => process.hrtime.bigint() - originNs,
    })
    const out = new OutputPump(ledger, (chunk) => written(stdout, chunk))
    const err = new OutputPump(ledger, (chunk) => written(stderr, chunk))
    const logs = new LogPump(ledger, (line) => this.#log(line))
    this.#outputs = [out, err, logs]
    const runnable = await compiled(executable)
    const context = this.#beginning?.context
    if (context === undefined) return
    this.#beginning = undefined
    ledger.observedVersion = context.policyVersion
    channel.begin({
      kind: 'begin',
      executable: runnable,
      context,
      ring: undefined,
      confirmed: strictAudit ? this.#confirmed : undefined,
      originNs,
      stdin: hasInput ? new InputPump(ledger, stdin).memory : undefined,
      stdout: out.memory,
      stderr: err.memory,
      logs: logs.memory,
      ...(secrets === undefined ? {} : { secrets }),
      messages: undefined,
      http: answersHttp ? this.#relayHttp() : undefined,
      remote: messages,
    })
  }

  /** Bodies go through a socket of their own, at the pace of who reads them. */
  #relayHttp(): HttpLanes {
    const { channel, http } = this.#powers
    const lanes = makeHttpLanes()
    const breach = (reason: string): void => this.#send({ kind: 'breach', reason })
    const relay = new HttpRelay(http, {
      ...{ outgoing: lanes.fromGuest, incoming: lanes.toGuest },
      onMoved: () => channel.ledger.wake(),
      onBreach: breach,
    })
    const sent = relay.sent.catch((thrown: unknown) => breach(String(thrown)))
    this.#endHttp = () => {
      new LaneWriter(lanes.fromGuest).close()
      return sent
    }
    return lanes
  }

  /** One message is with the host at a time, so that a guest that logs faster than that waits. */
  #log(line: LogLine): Promise<void> {
    this.#send({ kind: 'log', ...line })
    return new Promise((resolve) => {
      this.#logged = resolve
    })
  }

  #replaceContext(update: ContextUpdate): void {
    const beginning = this.#beginning
    if (beginning === undefined) this.#powers.channel.replaceContext(update)
    else this.#beginning = { ...beginning, context: updated(beginning.context, update) }
    void this.#tellWhenBound(update.policyVersion)
  }

  #tell(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
      case 'remote':
      case 'service-wanted':
        this.#send(message)
        break
      case 'ended': {
        const { kind, outcome, leakedDescriptors } = message
        this.#send({ kind, outcome, leakedDescriptors })
        break
      }
      case 'handler-failed':
        this.#send({
          kind: 'remote',
          wish: { kind: message.kind, error: message.error, unreported: message.unreported },
        })
        break
      case 'call-answered':
      case 'lifecycle':
        this.#send({ kind: 'remote', wish: message })
        break
      default:
      // The worker has no lanes of its own that it could speak of.
    }
  }

  /** The worker is gone: what it has written goes out, then the process ends. */
  async #end(error: (Error & { readonly code?: string }) | undefined): Promise<void> {
    if (error !== undefined) this.#send({ kind: 'died', code: error.code ?? '', message: error.message })
    const reasons = await Promise.all(this.#outputs.map((output) => output.finish()))
    for (const reason of reasons) if (reason !== undefined) this.#send({ kind: 'breach', reason })
    await this.#endHttp()
    const { control, stdout, stderr, leave } = this.#powers
    await Promise.all([ended(stdout), ended(stderr)])
    this.#mirror()
    await ended(control)
    leave(0)
  }

  /** The rules are in force here already; the host waits for the guest to leave the call that it is in. */
  async #tellWhenBound(version: number): Promise<void> {
    const { ledger } = this.#powers.channel
    while (isInOlderCall(ledger, version)) await new Promise((resolve) => setTimeout(resolve, boundLookMs))
    this.#send({ kind: 'bound', version, entered: ledger.enteredVersion })
  }

  #mirror(): void {
    const message: FromChild = { kind: 'ledger', entries: ledgerEntries(this.#powers.channel.ledger) }
    const told = message.entries.join()
    if (told === this.#told) return
    this.#told = told
    this.#send(message)
  }

  #send(message: FromChild): void {
    this.#powers.control.write(encodeFrame(encodeFromChild(message)))
  }
}

/** A context with newer rules, for a guest that has not begun yet. */
export function updated(context: WorkerContext, { limits, ...rules }: ContextUpdate): WorkerContext {
  return { ...context, ...rules, limits: { ...context.limits, ...limits } }
}

async function compiled({ modules, ...script }: PortableExecutable) {
  const compiledModules: Record<string, WebAssembly.Module> = Object.create(null) as Record<string, WebAssembly.Module>
  for (const { name, bytes } of modules) compiledModules[name] = await WebAssembly.compile(bytes)
  return { ...script, modules: compiledModules }
}

/** Resolves when the socket takes more; the pump reads no further until then. */
async function written(socket: Socket, chunk: Uint8Array): Promise<void> {
  if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.end(resolve))
}
