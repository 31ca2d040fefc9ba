// Perimeter: the host's end of the journal starts its thread and owns the timer that watches it.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { createRequire } from 'node:module'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { changeRate, type RateBucketMemory, type RateSettings } from '@bulkhead/quota'
import { assertNever, BulkheadError, errorFromWire, Fault } from '@bulkhead/vocabulary'
import { Bell, createBell } from './bell.js'
import { Durability } from './durability.js'
import type { FromJournal, JournalThreadData, LogOptions, ToJournal } from './journal-protocol.js'
import { fileBytesMaxDefault, heartbeatCheckMs, ringsMax } from './limits.js'
import type { AdministrativeRecord, Attested, RingIdentity } from './log-record.js'
import { Pending } from './pending.js'
import type { ReportScope, RingRecord, RingTotals } from './report.js'
import { createRecordRate, createRingMemory, type RingMemory, waitingBytes } from './ring-memory.js'
import { StallWatch } from './stall-watch.js'

export type JournalOptions = {
  /**
   * The directory of the log, `<state directory>/audit` by custom; made when it is not there. `undefined`: no file;
   * records are counted and reported only.
   */
  readonly directory: string | undefined
  /** The Ed25519 private key that signs the seals (a `KeyObject`, or PKCS #8 in DER): mandatory with a directory. */
  readonly sealKey?: KeyObject | Uint8Array
  /**
   * Strict mode: a granted decision may be acted on when its record is on the disk, and not before; while the journal is
   * stalled nothing may. Wants a directory.
   */
  readonly strict?: boolean
  /** A log file is closed at this size, in bytes; 64 MiB unless said. */
  readonly fileBytesMax?: number
  /** The reading of `process.hrtime.bigint()` that the records' `at` counts from; 0 unless said. */
  readonly monotonicOriginNs?: bigint
  /** Told, in the order of the log and after it was written, what happened on the rings. */
  readonly onRecords?: (records: readonly RingRecord[]) => void
  /** The journal has made no progress for 5 s, or its thread is gone; `reason` is the last thing it said. */
  readonly onStalled?: (reason: string) => void
  readonly onResumed?: () => void
}

export type AttachedRing = {
  readonly id: number
  /** For the worker: `new AuditRing(memory, …)` there. */
  readonly memory: RingMemory
}

export type AttachOptions = {
  /** Which decisions `onRecords` is told of: denials only, unless said. */
  readonly report?: ReportScope
  /**
   * How many records the ring's writer may write, and how many at once; 2,000 a second unless said. Zero lets it record,
   * and so do, nothing.
   */
  readonly rate?: RateSettings
  /** Whose word the records are: `child` where a process of its own makes them; `host` unless said. */
  readonly attested?: Attested
}

/** How much the journal has done, and has before it. */
export type JournalLoad = {
  /** Records that were given a place in the log since it was opened; without a directory, that were counted. */
  readonly records: number
  /** Rings that are attached: one for each run, and for each service that decides for it. */
  readonly rings: number
  /** Of records that lie in them and were not taken. */
  readonly waitingBytes: number
}

/** What the host keeps of a ring. */
type HostedRing = {
  readonly memory: RingMemory
  /** The word that counts the reports which were taken. */
  readonly taken: Int32Array
  /** Its rate, as the writer keeps to it and as the journal sees to it. */
  readonly rates: readonly RateBucketMemory[]
  /** How a strict journal answers its writer. */
  readonly durability: Durability | undefined
}

/**
 * The audit journal: a thread of its own that drains every actor's ring round robin, numbers and chains what it finds,
 * and keeps it on the disk.
 *
 * It keeps the process alive only while an answer is owed (`note`, `release`, `close`).
 *
 * @example
 * ```ts
 * const journal = await Journal.open({ directory, sealKey: loadOrCreateSealKey(stateDirectory), onRecords: show })
 * const ring = journal.attach({ component: 'ingest', incarnation: 1, trust: 'unknown', approval: 'approved', digest })
 * const worker = new Worker(file, { workerData: { audit: ring.memory } })
 * worker.once('exit', async () => console.log(await journal.release(ring.id)))
 * ```
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #bellBuffer = createBell()
  readonly #bell = new Bell(this.#bellBuffer)
  readonly #placed = new SharedArrayBuffer(8)
  readonly #watch: StallWatch
  #timer: NodeJS.Timeout | undefined
  readonly #owed = new Pending((owed) => this.#hold(owed))
  readonly #rings = new Map<number, HostedRing>()
  #nextRing = 1
  #nextNote = 1
  #opened = false
  #stalled = false
  #recovered: string | undefined
  #closing: Promise<void> | undefined
  #closed = false
  /** Set when the thread is gone without having been asked to go. */
  #lost: BulkheadError | undefined

  /**
   * Starts the journal, and mends the log if its last process was killed.
   *
   * @throws {BulkheadError} `store-corrupt` when the log lacks what its seals cover: it is evidence and is not written
   * on. `usage` when a directory comes without a key; `state-unwritable` when the disk refuses.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options, logOptions(options))
    await journal.#owed.make('ready')
    return journal
  }

  private constructor(options: JournalOptions, log: LogOptions | undefined) {
    this.#options = options
    const { port1, port2 } = new MessageChannel()
    const heartbeat = new SharedArrayBuffer(4)
    const monotonicOriginNs = options.monotonicOriginNs ?? 0n
    const data: JournalThreadData = {
      port: port2,
      bell: this.#bellBuffer,
      heartbeat,
      placed: this.#placed,
      log,
      monotonicOriginNs,
    }
    this.#worker = new Worker(createRequire(import.meta.url).resolve('@bulkhead/audit/journal-thread'), {
      name: 'journal',
      env: {},
      execArgv: [],
      workerData: data,
      transferList: [port2],
    })
    this.#worker.once('error', (error) => this.#lose(error instanceof Error ? error.message : String(error)))
    this.#worker.once('exit', () => this.#exited())
    this.#port = port1
    this.#port.on('message', (message: FromJournal) => this.#receive(message))
    this.#hold(false)
    this.#watch = new StallWatch(new Int32Array(heartbeat), {
      onStalled: (reason) => {
        this.#setStalled(true)
        options.onStalled?.(reason)
      },
      onResumed: () => {
        this.#setStalled(false)
        options.onResumed?.()
      },
    })
  }

  /** What was mended when the log was opened, in a sentence; `undefined` when it had been closed in order. */
  get recovered(): string | undefined {
    return this.#recovered
  }

  load(): JournalLoad {
    const waiting = [...this.#rings.values()].reduce((sum, { memory }) => sum + waitingBytes(memory), 0)
    const records = Number(Atomics.load(new BigInt64Array(this.#placed), 0))
    return { records, rings: this.#rings.size, waitingBytes: waiting }
  }

  /**
   * Makes a ring for one incarnation of an actor. What is written to it belongs to this identity.
   *
   * @throws {BulkheadError} `journal-stalled` when the journal is closed or gone; `resource-limit-exceeded` at 4,096 rings;
   * `usage` for a rate that cannot be.
   */
  attach(identity: RingIdentity, options: AttachOptions = {}): AttachedRing {
    const ended = this.#ended()
    if (ended !== undefined) throw ended
    if (this.#rings.size >= ringsMax) {
      throw new Fault('resource-limit-exceeded', `the journal has ${ringsMax} rings already`, {
        details: { resource: 'audit rings', limit: ringsMax },
      })
    }
    const { report = 'denied', attested = 'host' } = options
    const memory = createRingMemory(this.#bellBuffer, { ...options, strict: this.#options.strict === true })
    const durability = memory.durable && new Durability(memory.durable)
    durability?.setStalled(this.#stalled)
    const rate = createRecordRate(options.rate)
    const taken = new SharedArrayBuffer(4)
    const id = this.#nextRing++
    this.#rings.set(id, { memory, taken: new Int32Array(taken), rates: [memory.pace, rate], durability })
    this.#send({ type: 'attach', ring: id, memory, taken, rate, identity, report, attested })
    return { id, memory }
  }

  /**
   * Puts another rate of records in force for a ring, at once; who waits for the old one looks again.
   *
   * @throws {BulkheadError} `usage` for a ring that is not attached, or a rate that cannot be: the old one stays in force.
   */
  changeRate(id: number, rate: RateSettings): void {
    const ring = this.#rings.get(id)
    if (ring === undefined) throw new BulkheadError('usage', `the journal has no ring ${id}`)
    for (const memory of ring.rates) changeRate(memory, rate)
    this.#bell.ring()
  }

  /**
   * Ends a ring whose writer's exit was seen: everything in it is written and reported first, also after a kill.
   *
   * @throws {BulkheadError} `usage` for a ring that is not attached; `journal-stalled` when the journal is gone.
   */
  async release(id: number): Promise<RingTotals> {
    const owed = this.#owed.get(`release ${id}`)
    if (owed !== undefined) return (await owed) as RingTotals
    if (this.#lost !== undefined) throw this.#lost
    if (!this.#rings.has(id)) throw new BulkheadError('usage', `the journal has no ring ${id}`)
    const totals = this.#owed.make<RingTotals>(`release ${id}`)
    // A journal that closes releases every ring by itself.
    if (this.#closing === undefined) this.#send({ type: 'release', ring: id })
    return totals
  }

  /**
   * Records an act of the host or its operator. It is on the disk when the promise resolves: act after that. Without a
   * directory it resolves when the journal has counted it.
   *
   * @throws {BulkheadError} `journal-stalled` when the journal is closed or gone.
   * @example
   * ```ts
   * await journal.note({ event: 'policy-loaded', component: 'ingest', policyVersion: 3, reason: 'start' })
   * ```
   */
  async note(record: AdministrativeRecord): Promise<void> {
    const ended = this.#ended()
    if (ended !== undefined) throw ended
    const note = this.#nextNote++
    const noted = this.#owed.make<void>(`note ${note}`)
    this.#send({ type: 'note', note, record })
    await noted
  }

  /**
   * Drains every ring, writes the closing seal and ends the thread. Call it when the exits of all writers were seen: one
   * that still runs can record nothing more, and so may do nothing more.
   *
   * @throws {BulkheadError} `journal-stalled` when the journal is gone.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    this.#closing = this.#owed.make<void>('close')
    this.#send({ type: 'close' })
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #send(message: ToJournal): void {
    this.#port.postMessage(message)
    this.#bell.ring()
  }

  #receive(message: FromJournal): void {
    switch (message.type) {
      case 'ready':
        this.#recovered = message.recovered
        this.#opened = true
        // Not before: mending a long log takes its time, and is no stall.
        this.#timer = setInterval(() => this.#watch.look(), heartbeatCheckMs)
        this.#timer.unref()
        this.#owed.resolve('ready', undefined)
        break
      case 'refused':
        this.#lost = errorFromWire(message.error)
        break
      case 'reports':
        this.#take(message.records)
        break
      case 'released':
        this.#rings.delete(message.ring)
        this.#owed.resolve(`release ${message.ring}`, message.totals)
        break
      case 'noted':
        this.#owed.resolve(`note ${message.note}`, undefined)
        break
      case 'failing':
        this.#watch.explain(message.message)
        break
      case 'closed':
        this.#closed = true
        break
      default:
        assertNever(message)
    }
  }

  /** Tells the host, then the journal how many were taken: it holds back a ring with too many that were not. */
  #take(records: readonly RingRecord[]): void {
    try {
      this.#options.onRecords?.(records)
    } finally {
      for (const { ring } of records) {
        const hosted = this.#rings.get(ring)
        if (hosted !== undefined) Atomics.add(hosted.taken, 0, 1)
      }
    }
  }

  /** The last messages may still lie in the port: the exit does not wait for them. */
  #exited(): void {
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port)) {
      this.#receive(last.message as FromJournal)
    }
    if (this.#closed) this.#owed.resolve('close', undefined)
    else this.#lose('the journal thread has ended')
    clearInterval(this.#timer)
    this.#port.close()
  }

  #lose(reason: string): void {
    this.#lost ??= new Fault('journal-stalled', reason)
    this.#owed.rejectAll(this.#lost)
    if (this.#opened) this.#watch.stall(reason)
  }

  #setStalled(stalled: boolean): void {
    this.#stalled = stalled
    for (const { durability } of this.#rings.values()) durability?.setStalled(stalled)
  }

  #ended(): BulkheadError | undefined {
    if (this.#closing !== undefined) return new Fault('journal-stalled', 'the journal is closed')
    return this.#lost
  }

  #hold(owed: boolean): void {
    if (owed) {
      this.#worker.ref()
      this.#port.ref()
    } else {
      this.#worker.unref()
      this.#port.unref()
    }
  }
}

function logOptions(options: JournalOptions): LogOptions | undefined {
  const { directory, sealKey, fileBytesMax = fileBytesMaxDefault, strict = false } = options
  if (directory === undefined) {
    if (!strict) return undefined
    throw new BulkheadError('usage', 'a strict audit log needs a directory: there is no disk to wait for', {
      hint: 'name a state directory, or leave out `strict`',
    })
  }
  if (sealKey === undefined) {
    throw new BulkheadError('usage', 'an audit log needs a key that signs its seals', {
      hint: 'pass `sealKey: loadOrCreateSealKey(stateDirectory)`',
    })
  }
  if (!Number.isInteger(fileBytesMax) || fileBytesMax < 1) {
    throw new BulkheadError('usage', `\`${fileBytesMax}\` is not a size of a log file`)
  }
  const key = sealKey instanceof Uint8Array ? derKey(sealKey) : sealKey
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519') {
    throw new BulkheadError('usage', 'the key of an audit log is not an Ed25519 private key')
  }
  return { directory, sealKey: key.export({ type: 'pkcs8', format: 'der' }), fileBytesMax }
}

function derKey(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' })
}
