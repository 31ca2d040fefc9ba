// A guest without a worker: it asks over a real slot, and waits without blocking the thread that answers it.

import { Journal, type RingRecord } from '@bulkhead/audit'
import { type CapabilityTable, compileTable, defineKinds, type Grant } from '@bulkhead/capability'
import {
  decodeInterfaceAnswer,
  encodeInterfaceCall,
  type InterfaceAnswer,
  type InterfaceContract,
} from '@bulkhead/contracts'
import { SlotCaller, type SlotOutcome } from '@bulkhead/lane'
import { type BulkheadError, type Digest, parseDigest } from '@bulkhead/vocabulary'
import { defineHostInterface, type HostFunction, type HostInterface } from './host-interface.js'
import type { InterfaceFailure } from './interface-channel.js'
import { type InterfacePort, InterfaceService } from './interface-service.js'

export const kinds = defineKinds([{ name: 'crm', grammar: 'name', actions: ['find', 'change'] }])
const origin = { document: 'crm.toml', line: 3 }

/** Rules of `crm.find` and `crm.change`. */
export function crmTable(find: readonly string[], version = 1, change: readonly string[] = []): CapabilityTable {
  const grants = [
    ...find.map((pattern) => ({ kind: 'crm', action: 'find', pattern, origin })),
    ...change.map((pattern) => ({ kind: 'crm', action: 'change', pattern, origin })),
  ] as unknown as Grant[]
  return compileTable({
    version,
    componentId: 'one',
    kinds,
    forbidden: [],
    deny: [],
    operator: [],
    layers: [{ layer: 'manifest', grants }],
  })
}

const wit = `interface contacts {
  enum problem { access-denied, not-found }
  find: func(query: string) -> result<string, problem>;
  photo: func(name: string) -> list<u8>;
  count: func() -> u32;
}`

/** `contacts` with these instead of its usual functions. */
export function contactsWith(functions: Readonly<Record<string, Partial<HostFunction>>> = {}): HostInterface {
  const asksToFind = (resource: string) => ({ kind: 'crm', action: 'find', resource })
  return defineHostInterface('acme:crm/contacts@1.0.0', {
    wit,
    functions: {
      find: { authorize: asksToFind, run: (query: string) => `found ${query}`, ...functions['find'] },
      photo: { authorize: asksToFind, denied: 'trap', run: () => Uint8Array.of(1), ...functions['photo'] },
      count: { authorize: 'none', run: () => 3, ...functions['count'] },
    },
  })
}

export type Told = { readonly breaches: BulkheadError[]; readonly faults: string[] }

/** The service, its journal and what they told. */
export class Lab {
  readonly failures: InterfaceFailure[] = []
  readonly records: RingRecord[] = []
  readonly service: InterfaceService
  readonly journal: Journal
  readonly originNs: bigint

  private constructor(interfaces: readonly HostInterface[], journal: Journal, records: RingRecord[], originNs: bigint) {
    this.journal = journal
    this.records = records
    this.originNs = originNs
    this.service = new InterfaceService({
      ...{ interfaces, kinds },
      nowNs: () => process.hrtime.bigint() - originNs,
      onFailure: (failure) => this.failures.push(failure),
    })
  }

  static async open(...interfaces: readonly HostInterface[]): Promise<Lab> {
    const originNs = process.hrtime.bigint()
    const records: RingRecord[] = []
    const journal = await Journal.open({
      directory: undefined,
      monotonicOriginNs: originNs,
      onRecords: (found) => records.push(...found),
    })
    return new Lab(interfaces, journal, records, originNs)
  }

  async close(): Promise<void> {
    await this.service.close()
    await this.journal.close()
  }

  guest(
    table: CapabilityTable,
    child = 'one',
    deadlineLeftMs: () => number | undefined = () => undefined,
    imported: readonly InterfaceContract[] = this.service.contracts,
  ): LabGuest {
    return new LabGuest(this, table, child, deadlineLeftMs, imported)
  }
}

const digest: Digest = parseDigest(`sha256:${'0'.repeat(64)}`)

export class LabGuest {
  readonly told: Told = { breaches: [], faults: [] }
  readonly port: InterfacePort
  readonly caller: SlotCaller
  readonly #lab: Lab

  constructor(
    lab: Lab,
    table: CapabilityTable,
    child: string,
    deadlineLeftMs: () => number | undefined,
    imported: readonly InterfaceContract[],
  ) {
    this.#lab = lab
    const wake = new SharedArrayBuffer(4)
    this.port = lab.service.attach({
      ...{ table, imported },
      wake: { buffer: wake, byteOffset: 0 },
      caller: { child, tenant: 'acme', incarnation: 2 },
      deadlineLeftMs,
      records: {
        attach: () =>
          lab.journal.attach(
            { component: `component:${child}`, incarnation: 2, trust: 'unknown', approval: 'approved', digest },
            { report: 'all' },
          ),
        release: (ring) => lab.journal.release(ring),
      },
      onBreach: (error) => this.told.breaches.push(error),
      onHostFault: (message) => this.told.faults.push(message),
    })
    this.caller = new SlotCaller(this.port.slot, {
      nowNs: () => process.hrtime.bigint() - lab.originNs,
      wakeCount: () => Atomics.load(new Int32Array(wake), 0),
      park: () => undefined,
    })
  }

  /** Asks, and waits for the answer. */
  async call(fnName: string, ...args: readonly unknown[]): Promise<InterfaceAnswer> {
    this.post(fnName, ...args)
    return this.answer(fnName)
  }

  post(fnName: string, ...args: readonly unknown[]): void {
    const request = encodeInterfaceCall('acme:crm/contacts', this.#fn(fnName), args)
    if (!this.caller.post(request)) throw new Error('the slot is closed')
  }

  async answer(fnName: string): Promise<InterfaceAnswer> {
    const outcome = await this.settled()
    if (outcome.kind !== 'answer') throw new Error(outcome.kind)
    return decodeInterfaceAnswer(this.#fn(fnName), outcome.bytes)
  }

  async settled(): Promise<SlotOutcome> {
    return until(() => this.caller.settled())
  }

  #fn(name: string) {
    const found = this.#lab.service.contracts[0]?.functions.find((fn) => fn.name === name)
    if (found === undefined) throw new Error(`no function ${name}`)
    return found
  }
}

/** Longer than anything takes here. */
const patienceMs = 20_000

export async function until<T>(look: () => T | undefined | false): Promise<T> {
  const endMs = performance.now() + patienceMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > endMs) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

export const ok = (val: unknown): InterfaceAnswer => ({ kind: 'value', value: { tag: 'ok', val } })
export const err = (val: unknown): InterfaceAnswer => ({ kind: 'value', value: { tag: 'err', val } })
