import type { FunctionContract, InterfaceContract } from '@bulkhead/contracts'
import { interfaceContracts, jsClassOf } from '@bulkhead/contracts'
import type { Guard } from './guard.js'
import { dropTrampoline, type Implementation, type ResourceIndex, trampoline } from './trampoline.js'

/** One interface, as its file offers it. */
export type InterfaceImplementation = {
  readonly name: string
  /** By WIT name: `[method]descriptor.read`. */
  readonly functions: Readonly<Record<string, Implementation>>
}

type Imports = Record<string, Record<string, unknown>>

/**
 * Builds what the glue reads, by walking the contracts: a function that an interface has and we do not, or we have and it
 * does not, fails here, at construction, and not under some guest.
 *
 * @param offered contracts beside the bundled ones.
 * @throws {TypeError} naming every function that is missing or too many.
 */
export function link(
  guard: Guard,
  implementations: readonly InterfaceImplementation[],
  resources: ResourceIndex,
  offered: readonly InterfaceContract[] = [],
): Imports {
  const byName = new Map(implementations.map((one) => [one.name, one]))
  const problems: string[] = []
  const imports: Imports = {}
  for (const contract of [...interfaceContracts.values(), ...offered]) {
    const implementation = byName.get(contract.name)
    byName.delete(contract.name)
    if (implementation === undefined) problems.push(`${contract.name} is missing`)
    else imports[contract.name] = linkInterface(guard, contract, implementation, resources, problems)
  }
  for (const name of byName.keys()) problems.push(`${name} is not a bundled interface`)
  if (problems.length > 0) throw new TypeError(`the host does not fit its contracts: ${problems.join('; ')}`)
  return imports
}

function linkInterface(
  guard: Guard,
  contract: InterfaceContract,
  implementation: InterfaceImplementation,
  resources: ResourceIndex,
  problems: string[],
): Record<string, unknown> {
  const exports: Record<string, unknown> = {}
  for (const name of contract.resources) {
    const resource = resources.get(`${contract.name}#${name}`)
    if (resource === undefined) continue
    define(resource.glueClass.prototype, Symbol.dispose, dropTrampoline(guard, resource))
    exports[jsClassOf(name)] = resource.glueClass
  }
  const offered = new Set(Object.keys(implementation.functions))
  for (const fn of contract.functions) {
    const run = offered.delete(fn.name) ? implementation.functions[fn.name] : undefined
    if (run === undefined) problems.push(`${contract.name}#${fn.name} is missing`)
    else place(exports, fn, trampoline(guard, contract.name, fn, run, resources), resources, contract.name)
  }
  for (const name of offered) problems.push(`${contract.name}#${name} is in no contract`)
  return exports
}

function place(
  exports: Record<string, unknown>,
  fn: FunctionContract,
  call: (...args: unknown[]) => unknown,
  resources: ResourceIndex,
  interfaceName: string,
): void {
  if (fn.shape === 'function') {
    exports[fn.jsName] = call
    return
  }
  const resource = resources.get(`${interfaceName}#${fn.resource}`)
  if (resource === undefined) return
  if (fn.shape === 'method') define(resource.glueClass.prototype, fn.jsName, call)
  else if (fn.shape === 'static') define(resource.glueClass, fn.jsName, call)
  else resource.constructWith(call)
}

function define(target: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: false, enumerable: false, configurable: false })
}
