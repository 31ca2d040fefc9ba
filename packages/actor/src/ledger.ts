// The ledger: one small shared block per worker, through which the actor reports without being asked and the host tells it
// things without a message (DESIGN D6). Every cell has one writer. All accesses are atomic; none depends on the order of
// two cells, except that `hostility` is stored before the worker ends.

import { countedKinds, type Hostility } from '@bulkhead/vocabulary'
import type { CheckCounters } from '@bulkhead/wasi'

const cells = {
  /** Written by the host and bumped at every event that a parked guest may wait for: input, room in an output, a table, stop. */
  wake: 0,
  /** Newest policy version. Written by the host, after the table was posted (never before: the port would be empty). */
  observedVersion: 1,
  /** Policy version under which the guest is inside a host call; 0 outside. Written by the worker. */
  enteredVersion: 2,
  /** Index into `hostilities` + 1; 0 none. Written by the worker. */
  hostility: 3,
  /** 1 once the host asked for an orderly stop. */
  stopping: 4,
  /** Operating-system id of the worker's thread; 0 unknown. Written by the worker. */
  threadId: 5,
  /** How often the guard has read the thread's processor time, wrapping: that it moves says that host calls are made. */
  cpuReadings: 6,
  /** Version of the newest routing table. Written by the host, after the table was posted. */
  routingVersion: 7,
  /** The mailbox whose answer the guest waits for in a request, + 1; 0 none. Written by the worker. */
  awaitedMailbox: 8,
} as const

const wideCells = {
  /** Linear memory, all memories together, in bytes: the last sample. Written by the worker. */
  memoryBytes: 0,
  /** Total nanoseconds in which the host owed progress: no deadline counts them. Written by the worker. */
  hostWaitNs: 1,
  /** Start of the present host wait, monotonic nanoseconds since the origin; 0 outside. Written by the worker. */
  hostWaitSinceNs: 2,
  /** What the guard has counted, in the order of `counted`: the last sample. Written by the worker. */
  counters: 3,
} as const

const counted = [
  'checksGranted',
  'checksDenied',
  'cacheHits',
  'cacheMisses',
  'checksTimed',
  'checksTimedNs',
] as const satisfies Exclude<keyof CheckCounters, 'byKind'>[]

/** Checks by kind and verdict follow behind. */
const byKindCount = 2 * countedKinds.length

/** What becomes of messages, as the worker counts it. Nothing is decided by it. */
export type MessageCounters = {
  /** Messages that were accepted by all of their receivers, requests and replies among them. */
  readonly published: number
  readonly requested: number
  /** Messages that the guest was handed; a call or a request of HTTP is one. */
  readonly received: number
  /** Messages that the guest's handler returned from. */
  readonly handled: number
  /** Of those, the ones for which it returned an error. */
  readonly handlerErrors: number
  /** Messages that were refused for the rate. */
  readonly refusedRate: number
  /** Messages that a receiver had no room for. */
  readonly refusedOverloaded: number
}

const messagesCounted = [
  'published',
  'requested',
  'received',
  'handled',
  'handlerErrors',
  'refusedRate',
  'refusedOverloaded',
] as const satisfies (keyof MessageCounters)[]

const wideOffsetBytes = 64
const byKindAt = wideCells.counters + counted.length
const messageSinceAt = byKindAt + byKindCount
const messageCountersAt = messageSinceAt + 1
const handlesOpenAt = messageCountersAt + messagesCounted.length
const ledgerBytes = wideOffsetBytes + 8 * (handlesOpenAt + 1)

const hostilities = ['forged-handle', 'type-violation', 'digest-mismatch', 'injection'] as const satisfies Hostility[]

export type LedgerMemory = SharedArrayBuffer

export class Ledger {
  readonly memory: LedgerMemory
  readonly #cells: Int32Array
  readonly #wide: BigInt64Array

  constructor(memory: LedgerMemory = new SharedArrayBuffer(ledgerBytes)) {
    this.memory = memory
    this.#cells = new Int32Array(memory, 0, wideOffsetBytes / 4)
    this.#wide = new BigInt64Array(memory, wideOffsetBytes)
  }

  /** Where the wake word lies in `memory`, in bytes: for those who wake the guest by themselves. */
  get wakeOffset(): number {
    return cells.wake * Int32Array.BYTES_PER_ELEMENT
  }

  /** Wakes a guest that is parked. Called by the host after anything that may make a pollable ready. */
  wake(): void {
    Atomics.add(this.#cells, cells.wake, 1)
    Atomics.notify(this.#cells, cells.wake)
  }

  wakeCount(): number {
    return Atomics.load(this.#cells, cells.wake)
  }

  /** Blocks the calling worker until `wake` was called after `seen` was read, or `timeoutMs` passed. */
  park(seen: number, timeoutMs: number): void {
    Atomics.wait(this.#cells, cells.wake, seen, timeoutMs)
  }

  get observedVersion(): number {
    return Atomics.load(this.#cells, cells.observedVersion)
  }

  set observedVersion(version: number) {
    Atomics.store(this.#cells, cells.observedVersion, version)
  }

  get enteredVersion(): number {
    return Atomics.load(this.#cells, cells.enteredVersion)
  }

  set enteredVersion(version: number) {
    Atomics.store(this.#cells, cells.enteredVersion, version)
  }

  get hostility(): Hostility | undefined {
    return hostilities[Atomics.load(this.#cells, cells.hostility) - 1]
  }

  set hostility(kind: Hostility) {
    Atomics.store(this.#cells, cells.hostility, hostilities.indexOf(kind) + 1)
  }

  get stopping(): boolean {
    return Atomics.load(this.#cells, cells.stopping) === 1
  }

  requestStop(): void {
    Atomics.store(this.#cells, cells.stopping, 1)
    this.wake()
  }

  get threadId(): number {
    return Atomics.load(this.#cells, cells.threadId)
  }

  set threadId(id: number) {
    Atomics.store(this.#cells, cells.threadId, id)
  }

  get memoryBytes(): number {
    return Number(Atomics.load(this.#wide, wideCells.memoryBytes))
  }

  set memoryBytes(bytes: number) {
    Atomics.store(this.#wide, wideCells.memoryBytes, BigInt(bytes))
  }

  /** What the guest holds open and its quota of handles counts: the last sample. Written by the worker. */
  get handlesOpen(): number {
    return Number(Atomics.load(this.#wide, handlesOpenAt))
  }

  set handlesOpen(handles: number) {
    Atomics.store(this.#wide, handlesOpenAt, BigInt(handles))
  }

  countCpuReading(): void {
    Atomics.add(this.#cells, cells.cpuReadings, 1)
  }

  get cpuReadings(): number {
    return Atomics.load(this.#cells, cells.cpuReadings)
  }

  get counters(): CheckCounters {
    const at = (name: (typeof counted)[number]): number =>
      Number(Atomics.load(this.#wide, wideCells.counters + counted.indexOf(name)))
    return {
      checksGranted: at('checksGranted'),
      checksDenied: at('checksDenied'),
      cacheHits: at('cacheHits'),
      cacheMisses: at('cacheMisses'),
      checksTimed: at('checksTimed'),
      checksTimedNs: at('checksTimedNs'),
      byKind: Array.from({ length: byKindCount }, (_, index) => Number(Atomics.load(this.#wide, byKindAt + index))),
    }
  }

  set counters(counters: CheckCounters) {
    for (const [index, name] of counted.entries()) {
      Atomics.store(this.#wide, wideCells.counters + index, BigInt(counters[name]))
    }
    for (const [index, count] of counters.byKind.entries()) {
      Atomics.store(this.#wide, byKindAt + index, BigInt(count))
    }
  }

  get routingVersion(): number {
    return Atomics.load(this.#cells, cells.routingVersion)
  }

  set routingVersion(version: number) {
    Atomics.store(this.#cells, cells.routingVersion, version)
  }

  /** The mailbox that the guest waits for in a request; `undefined` while it waits for none. */
  get awaitedMailbox(): number | undefined {
    const stored = Atomics.load(this.#cells, cells.awaitedMailbox)
    return stored === 0 ? undefined : stored - 1
  }

  set awaitedMailbox(mailbox: number | undefined) {
    Atomics.store(this.#cells, cells.awaitedMailbox, mailbox === undefined ? 0 : mailbox + 1)
  }

  /** When the guest was handed the message that it is processing, on the runtime's clock; `undefined` outside. */
  get messageSinceNs(): bigint | undefined {
    const since = Atomics.load(this.#wide, messageSinceAt)
    return since === 0n ? undefined : since
  }

  set messageSinceNs(nowNs: bigint | undefined) {
    Atomics.store(this.#wide, messageSinceAt, nowNs ?? 0n)
  }

  /** Exact at every instant, also when the worker is killed at any. */
  countMessage(name: keyof MessageCounters): void {
    Atomics.add(this.#wide, messageCountersAt + messagesCounted.indexOf(name), 1n)
  }

  get messageCounters(): MessageCounters {
    const at = (name: keyof MessageCounters): number =>
      Number(Atomics.load(this.#wide, messageCountersAt + messagesCounted.indexOf(name)))
    return {
      published: at('published'),
      requested: at('requested'),
      received: at('received'),
      handled: at('handled'),
      handlerErrors: at('handlerErrors'),
      refusedRate: at('refusedRate'),
      refusedOverloaded: at('refusedOverloaded'),
    }
  }

  beginHostWait(nowNs: bigint): void {
    Atomics.store(this.#wide, wideCells.hostWaitSinceNs, nowNs)
  }

  endHostWait(nowNs: bigint): void {
    const since = Atomics.exchange(this.#wide, wideCells.hostWaitSinceNs, 0n)
    if (since !== 0n) Atomics.add(this.#wide, wideCells.hostWaitNs, nowNs - since)
  }

  /** Nanoseconds in which the host owed progress, the present wait included. */
  hostWaitNs(nowNs: bigint): bigint {
    const since = Atomics.load(this.#wide, wideCells.hostWaitSinceNs)
    const past = Atomics.load(this.#wide, wideCells.hostWaitNs)
    return since === 0n ? past : past + (nowNs - since)
  }
}
