import type { Field, ValueType } from './value-type.js'

/** How the glue calls it: `f(...)`, `receiver.f(...)`, `Class.f(...)` or `new Class(...)`. */
export type FunctionShape = 'function' | 'method' | 'static' | 'constructor'

/** One function of an interface, with the names that the generated glue uses for it. */
export type FunctionContract = {
  /** As in WIT: `[method]descriptor.read`, `get-random-bytes`. */
  readonly name: string
  readonly shape: FunctionShape
  /** The property that the glue reads: `read`, `getRandomBytes`; for a constructor the class name. */
  readonly jsName: string
  /** The class that carries a method, static or constructor: `Descriptor`. */
  readonly jsClass?: string
  /** The resource of a method, static or constructor, as in WIT: `descriptor`. */
  readonly resource?: string
  /** In the order of the JavaScript arguments: a method's `self` is its `this` and does not stand here. */
  readonly params: readonly Field[]
  readonly result?: ValueType
}

/** One interface that a host has to offer. */
export type InterfaceContract = {
  /** Without its version, as the glue's `imports` are keyed: `wasi:filesystem/types`. */
  readonly name: string
  readonly version: string
  readonly functions: readonly FunctionContract[]
  /** Resources declared here, as in WIT. */
  readonly resources: readonly string[]
}
