// The host's copy of what the ledger in the process says. Nothing is decided by it that is not the actor's own fate: time
// in which the host owes progress, and processor time, the host finds out itself.

import { countedKinds, type Hostility } from '@bulkhead/vocabulary'
import type { Ledger } from '../ledger.js'
import { BadClaim, type LedgerEntries } from './from-child.js'

const hostilities = ['forged-handle', 'type-violation', 'digest-mismatch', 'injection'] as const satisfies Hostility[]
const counterNames = [
  'checksGranted',
  'checksDenied',
  'cacheHits',
  'cacheMisses',
  'checksTimed',
  'checksTimedNs',
] as const satisfies Exclude<keyof Ledger['counters'], 'byKind'>[]
const byKindCount = 2 * countedKinds.length
const ownEntries = 5
const byKindAt = ownEntries + counterNames.length

/** The child's ledger as it travels. */
export function ledgerEntries(ledger: Ledger): LedgerEntries {
  const { hostility, counters } = ledger
  return [
    ledger.enteredVersion,
    hostility === undefined ? 0 : hostilities.indexOf(hostility) + 1,
    ledger.memoryBytes,
    ledger.cpuReadings >>> 0,
    ledger.handlesOpen,
    ...counterNames.map((name) => counters[name]),
    ...counters.byKind,
  ]
}

export class LedgerMirror {
  readonly #ledger: Ledger
  #announced = 0
  #boundTo = 0
  #cpuReadings = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** The child begins with these rules: there is no call under older ones. */
  begin(version: number): void {
    this.#announced = version
    this.#boundTo = version
    this.#ledger.observedVersion = version
  }

  /**
   * Newer rules are on their way. Until the child says that they are in force there, the guest counts as inside a call
   * under the older ones: what was said before says nothing about them.
   */
  announce(version: number): void {
    const older = this.#ledger.observedVersion
    if (version <= this.#announced) return
    this.#announced = version
    this.#ledger.enteredVersion = older
    this.#ledger.observedVersion = version
  }

  /** Whether the child has said that the newest rules are in force there. */
  get isBound(): boolean {
    return this.#boundTo >= this.#announced
  }

  /** @throws {BadClaim} for rules that it was not told. */
  bind(version: number, entered: number): void {
    if (version > this.#announced || entered > this.#announced)
      throw new BadClaim('bound to rules that it was not told')
    this.#boundTo = Math.max(this.#boundTo, version)
    this.#enter(entered)
  }

  /** @throws {BadClaim} when it is not a ledger. */
  take(entries: LedgerEntries): void {
    const [entered = 0, hostility = 0, memoryBytes = 0, cpuReadings = 0, handlesOpen = 0] = entries
    if (entries.length !== byKindAt + byKindCount) throw new BadClaim('a ledger of another length')
    const kind = hostilities[hostility - 1]
    if (hostility > 0 && kind === undefined) throw new BadClaim('a hostility that does not exist')
    if (entered > this.#ledger.observedVersion) throw new BadClaim('a call under rules that it was not told')
    const ledger = this.#ledger
    if (kind !== undefined) ledger.hostility = kind
    ledger.memoryBytes = memoryBytes
    ledger.handlesOpen = handlesOpen
    if (cpuReadings !== this.#cpuReadings) ledger.countCpuReading()
    this.#cpuReadings = cpuReadings
    const at = (name: (typeof counterNames)[number]): number => entries[ownEntries + counterNames.indexOf(name)] ?? 0
    ledger.counters = {
      checksGranted: at('checksGranted'),
      checksDenied: at('checksDenied'),
      cacheHits: at('cacheHits'),
      cacheMisses: at('cacheMisses'),
      checksTimed: at('checksTimed'),
      checksTimedNs: at('checksTimedNs'),
      byKind: entries.slice(byKindAt),
    }
    this.#enter(entered)
  }

  #enter(version: number): void {
    if (this.isBound) this.#ledger.enteredVersion = version
  }
}
