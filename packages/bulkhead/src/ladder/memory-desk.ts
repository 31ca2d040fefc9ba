// Admission by memory (SPEC 12): what is promised to those who run, and who waits until there is more.

import {
  type Admission,
  type AdmissionPort,
  admitByMemory,
  budgetBytes,
  childOverShare,
  claimedBytes,
  type HostMemory,
  type MemoryClaim,
} from '@bulkhead/supervisors'

export type MemoryDeskPowers = {
  readonly overcommit: number
  readonly memory: () => HostMemory
}

/** A member that runs, as the alarm sees it. */
export type UsedMemory = { readonly id: string; readonly usedBytes: number }

export class MemoryDesk {
  readonly #powers: MemoryDeskPowers
  /** Of members that run or are starting. */
  readonly #claims = new Map<string, number>()
  /** Who waits for memory, and why. */
  readonly #waiting = new Map<string, string>()
  /** Whom to tell when there may be some, by member. */
  readonly #listeners = new Map<string, () => void>()
  #committedBytes = 0

  constructor(powers: MemoryDeskPowers) {
    this.#powers = powers
  }

  /** What may be promised to all children together, in bytes. */
  get budgetBytes(): number {
    return Math.floor(budgetBytes(this.#powers.memory(), this.#powers.overcommit))
  }

  /** Why a member waits for memory, where it does. */
  waitsFor(member: string): string | undefined {
    return this.#waiting.get(member)
  }

  /** What the supervisor asks before a start: first what else has to let it start, then whether there is memory for it. */
  admission(member: string, first: AdmissionPort, claim: () => MemoryClaim): AdmissionPort {
    return {
      state: () => {
        this.#waiting.delete(member)
        const admission = first.state()
        return admission.kind === 'open' ? this.#admit(member, claim()) : admission
      },
      onChange: (listener) => {
        const forget = first.onChange(listener)
        this.#listeners.set(member, listener)
        return () => {
          forget()
          this.#listeners.delete(member)
          this.#waiting.delete(member)
        }
      },
    }
  }

  /** A member starts: its memory is promised until `ended`. */
  started(member: string, claim: MemoryClaim): void {
    this.#give(member, claimedBytes(claim))
  }

  /** The end of a member was seen. */
  ended(member: string): void {
    this.#give(member, 0)
    this.look()
  }

  /** Tells those that wait to ask again; to be called every now and then, for memory that is resident gets less by itself. */
  look(): void {
    for (const member of [...this.#waiting.keys()]) this.#listeners.get(member)?.()
  }

  /** The member to stop because memory runs out. */
  overShare(used: readonly UsedMemory[]): string | undefined {
    const children = used.map(({ id, usedBytes }) => ({ id, usedBytes, claimBytes: this.#claims.get(id) ?? 0 }))
    return childOverShare(children, this.#powers.memory())
  }

  #admit(member: string, claim: MemoryClaim): Admission {
    const { memory, overcommit } = this.#powers
    const others = this.#committedBytes - (this.#claims.get(member) ?? 0)
    const admission = admitByMemory(claim, others, memory(), overcommit)
    if (admission.kind === 'open') return admission
    this.#waiting.set(member, `memory: ${admission.detail}`)
    return { kind: 'waiting', reason: admission.reason }
  }

  #give(member: string, bytes: number): void {
    this.#committedBytes += bytes - (this.#claims.get(member) ?? 0)
    if (bytes === 0) this.#claims.delete(member)
    else this.#claims.set(member, bytes)
  }
}
