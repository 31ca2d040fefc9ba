import { interfaceContracts } from '@bulkhead/contracts'
import { casHandlesMax, httpResourcesMax, resourcesMax } from './limits.js'
import { ResourceClass, type ResourceState } from './resource-class.js'

/**
 * Every resource class of one guest: one per WIT resource, the same object wherever an interface names it (TRAPS W7), and
 * the set of all states that are alive.
 */
export class Resources {
  readonly #classes = new Map<string, ResourceClass<ResourceState>>()
  readonly #live = new Set<ResourceState>()

  constructor(pollablesMax: number) {
    for (const contract of interfaceContracts.values()) {
      for (const name of contract.resources) {
        const max = maxOf(contract.name, name, pollablesMax)
        this.#classes.set(`${contract.name}#${name}`, new ResourceClass(contract.name, name, this.#live, max))
      }
    }
  }

  /** The class of a resource; the caller says what states it will mint it for. @throws {TypeError} for an unknown resource. */
  of<State extends ResourceState>(interfaceName: string, name: string): ResourceClass<State> {
    const found = this.#classes.get(`${interfaceName}#${name}`)
    if (found === undefined) throw new TypeError(`no resource ${interfaceName}#${name}`)
    return found as ResourceClass<State>
  }

  get index(): ReadonlyMap<string, ResourceClass<ResourceState>> {
    return this.#classes
  }

  /** Decides again, in full, what every open handle was opened for. */
  redecide(): void {
    for (const state of [...this.#live]) state.redecide?.()
  }

  dropAll(): void {
    const states = [...this.#live]
    this.#live.clear()
    for (const state of states) state.drop()
  }
}

/**
 * How many of one kind a guest may hold. HTTP's resources carry text of the guest's that lives in the host's memory, and
 * each `cas` a whole value.
 */
function maxOf(interfaceName: string, name: string, pollablesMax: number): number {
  if (name === 'pollable') return pollablesMax
  if (name === 'cas') return casHandlesMax
  return interfaceName === 'wasi:http/types' ? httpResourcesMax : resourcesMax
}
