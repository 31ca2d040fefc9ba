import { ResourceExceeded } from './endings.js'

/** The state behind a guest's handle. */
export type ResourceState = {
  /** Gives everything back; called once. */
  drop(): void
  /** Decides again what opened it, after the policy moved; what is denied now is closed. */
  redecide?(): void
}

/** A class as the glue needs it: `instanceof`, and a prototype that carries the guarded methods. */
export type GlueClass = { readonly prototype: object }

/**
 * One WIT resource: the class that the glue sees and the states that stand behind its instances.
 *
 * INVARIANT (minted): only `mint` makes a handle real. The glue builds stand-ins with `Object.create(Class.prototype)` for
 * handles that it does not know; they are of the class, but no state stands behind them, so `find` has nothing. What an
 * object says about itself (its class, its properties) is never believed.
 */
export class ResourceClass<State extends ResourceState> {
  readonly interface: string
  readonly name: string
  readonly glueClass: GlueClass
  readonly #states = new WeakMap<object, State>()
  readonly #live: Set<ResourceState>
  readonly #max: number
  #count = 0
  #construct: ((...args: unknown[]) => unknown) | undefined

  /** `live` is shared by all classes of a guest; `max` bounds the handles of this one. */
  constructor(interfaceName: string, name: string, live: Set<ResourceState>, max: number) {
    this.interface = interfaceName
    this.name = name
    this.#live = live
    this.#max = max
    this.glueClass = this.#makeClass()
  }

  #makeClass(): GlueClass {
    const construct = (args: readonly unknown[]): object => {
      if (this.#construct === undefined) throw new TypeError(`${name} has no constructor`)
      return this.#construct(...args) as object
    }
    const { name } = this
    return class {
      // The glue writes `new Class(...)` only for a WIT constructor; what it gets is a handle that `mint` made.
      constructor(...args: unknown[]) {
        // biome-ignore lint/correctness/noConstructorReturn: a constructor may answer with another object of its class
        return construct(args)
      }
    }
  }

  /** What `new Class(...)` does, for a resource with a WIT constructor. */
  constructWith(construct: (...args: unknown[]) => unknown): void {
    this.#construct = construct
  }

  /** A fresh handle for the state: never the same object twice, because guests drop what they are given (TRAPS W7). */
  mint(state: State): object {
    if (this.#count >= this.#max) {
      state.drop()
      throw new ResourceExceeded(this.name, this.#max, `more than ${this.#max} handles of the kind ${this.name}`)
    }
    const handle: object = Object.create(this.glueClass.prototype)
    this.#count += 1
    this.#live.add(state)
    this.#states.set(handle, state)
    return handle
  }

  find(candidate: unknown): State | undefined {
    return typeof candidate === 'object' && candidate !== null ? this.#states.get(candidate) : undefined
  }

  /** Takes the state from behind the handle; a second time there is nothing. */
  release(candidate: object): State | undefined {
    const state = this.#states.get(candidate)
    if (state === undefined) return undefined
    this.#states.delete(candidate)
    this.#live.delete(state)
    this.#count -= 1
    return state
  }
}
