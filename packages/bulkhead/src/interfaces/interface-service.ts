import type { CapabilityTable, KindCatalogue } from '@bulkhead/capability'
import { type InterfaceContract, interfaceArgumentBytesMax, isCompatible } from '@bulkhead/contracts'
import { createSlot, createSlotBell, SlotBell, type SlotMemory, WakeSlices, type WakeWord } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { HostInterface } from './host-interface.js'
import { type HostRecordPowers, HostRecords } from './host-records.js'
import { InterfaceChannel, type InterfaceChannelPowers, type InterfaceFailure } from './interface-channel.js'
import { answerPageBytes, idleLookMs, interfacesMax, pollMs, runsMax } from './limits.js'
import { Orphans } from './orphans.js'

export type InterfaceServiceOptions = {
  readonly interfaces: readonly HostInterface[]
  readonly kinds: KindCatalogue
  /** Monotonic nanoseconds since the runtime's origin. */
  readonly nowNs: () => bigint
  readonly onFailure: (failure: InterfaceFailure) => void
}

/** What one incarnation's channel is made of. */
export type InterfaceTerms = Pick<InterfaceChannelPowers, 'caller' | 'deadlineLeftMs' | 'onBreach' | 'onHostFault'> & {
  readonly table: CapabilityTable
  /** Those that its component imports, as `importedBy` says: no other one can be called. */
  readonly imported: readonly InterfaceContract[]
  /** The actor's wake word. */
  readonly wake: WakeWord
  readonly records: Pick<HostRecordPowers, 'attach' | 'release'>
}

/** The host's end of what one incarnation has of the interfaces: as that of the other services. */
export type InterfacePort = {
  readonly id: number
  readonly slot: SlotMemory
  readonly updateTable: (table: CapabilityTable) => Promise<void>
  readonly queuedNs: (nowNs: bigint) => bigint
  readonly isServing: () => boolean
  readonly gone: () => Promise<void>
}

/**
 * The interfaces that the host application offers, served on its own thread (SPEC 17): between its turns it looks which slots
 * have a call, begins one of each, and goes on when their promises are settled.
 */
export class InterfaceService {
  readonly #options: InterfaceServiceOptions
  readonly #interfaces: ReadonlyMap<string, HostInterface>
  readonly #bellMemory = createSlotBell()
  readonly #bell = new SlotBell(this.#bellMemory)
  readonly #slices = new WakeSlices(idleLookMs, pollMs)
  readonly #orphans = new Orphans()
  readonly #channels = new Map<number, InterfaceChannel>()
  #nextChannel = 1
  #first = 0
  #isServing = false

  /** @throws {BulkheadError} `interface-invalid` for one interface twice, or too many. */
  constructor(options: InterfaceServiceOptions) {
    this.#options = options
    if (options.interfaces.length > interfacesMax) {
      throw new BulkheadError('interface-invalid', `${options.interfaces.length} interfaces are too many`, {
        hint: `at most ${interfacesMax}`,
      })
    }
    const byName = new Map<string, HostInterface>()
    for (const one of options.interfaces) {
      const { name } = one.contract
      const other = byName.get(name)
      if (other !== undefined) {
        throw new BulkheadError('interface-invalid', `\`${one.name}\` and \`${other.name}\` are one interface`, {
          hint: 'offer one version of it',
        })
      }
      byName.set(name, one)
    }
    this.#interfaces = byName
  }

  /** What imports of components are compared with. */
  get contracts(): readonly InterfaceContract[] {
    return [...this.#interfaces.values()].map(({ contract }) => contract)
  }

  /**
   * Those that a component imports.
   *
   * @param imports as the component writes them, with versions.
   */
  importedBy(imports: readonly string[]): readonly InterfaceContract[] {
    return this.contracts.filter(({ name, version }) =>
      imports.some((one) => one.startsWith(`${name}@`) && isCompatible(one.slice(name.length + 1), version)),
    )
  }

  /** Opens a channel for one incarnation of an actor. */
  attach({ table, imported, wake, records, ...terms }: InterfaceTerms): InterfacePort {
    const slot = createSlot({
      requestBytes: interfaceArgumentBytesMax,
      pageBytes: answerPageBytes,
      wake,
      bell: this.#bellMemory,
    })
    const { kinds, nowNs, onFailure } = this.#options
    const id = this.#nextChannel++
    const interfaces = new Map([...this.#interfaces].filter(([, { contract }]) => imported.includes(contract)))
    const channel = new InterfaceChannel(slot, table, {
      ...terms,
      ...{ interfaces, kinds, nowNs, onFailure, orphans: this.#orphans },
      records: new HostRecords({ ...records, nowNs }),
      onPlace: () => this.#bell.wake(),
    })
    this.#channels.set(id, channel)
    void this.#serve()
    return {
      id,
      slot,
      updateTable: async (newer) => channel.adopt(newer),
      isServing: () => channel.isOpen,
      queuedNs: (atNs) => channel.queuedNs(atNs),
      gone: () => this.#end(id, channel),
    }
  }

  /** Ends every channel. */
  async close(): Promise<void> {
    await Promise.all([...this.#channels].map(([id, channel]) => this.#end(id, channel)))
  }

  async #end(id: number, channel: InterfaceChannel): Promise<void> {
    this.#channels.delete(id)
    this.#bell.wake()
    await channel.close()
  }

  /** Serves while there is a channel. */
  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    while (this.#channels.size > 0) {
      this.#bell.announce(true)
      const seen = this.#bell.count()
      if (this.#turn()) await new Promise((resolve) => setImmediate(resolve))
      else await this.#slices.pause(() => this.#bell.parkAsync(seen), false)
    }
    this.#bell.announce(false)
    this.#isServing = false
  }

  /** Does what can be done now; whether anything was. */
  #turn(): boolean {
    const channels = [...this.#channels.values()]
    const first = this.#first++ % Math.max(1, channels.length)
    let running = channels.filter((channel) => channel.isRunning).length
    let hasDone = false
    // Another one is the first each time: where places are few, everybody has theirs.
    for (const channel of [...channels.slice(first), ...channels.slice(0, first)]) {
      if (channel.wantsAttention) {
        channel.attend()
        hasDone = true
      }
      if (running < runsMax && channel.wantsToBegin) {
        channel.begin()
        running += 1
        hasDone = true
      }
    }
    return hasDone
  }
}
