import { compileArgumentValidator, type FunctionContract, type ValueType } from '@bulkhead/contracts'
import type { Guard } from './guard.js'
import type { ResourceClass, ResourceState } from './resource-class.js'

/** A host function as an interface's file writes it: a method gets the state behind `this` first; handles come as their states. */
export type Implementation = (...args: never[]) => unknown

export type AnyResource = ResourceClass<ResourceState>
/** Resource classes by `interface#resource`. */
export type ResourceIndex = ReadonlyMap<string, AnyResource>

type Validator = (args: readonly unknown[]) => string | undefined
type Call = (...args: unknown[]) => unknown
/** Replaces the handles inside an argument by their states, or says `undefined` for an argument that holds none. */
type Resolver = (value: unknown) => unknown

/**
 * The one way into a host function:
 * ended? → headroom → version → arguments → `this` and handles → the function (which authorizes, records, acts) → exit.
 */
export function trampoline(
  guard: Guard,
  interfaceName: string,
  contract: FunctionContract,
  implementation: Implementation,
  resources: ResourceIndex,
): Call {
  const place = `${interfaceName}#${contract.name}`
  const call = implementation as Call
  const declaresErrors = contract.result?.kind === 'result'
  const resolvers = contract.params.map(({ type }) => resolverOf(type, guard, resources, place))
  const holdsHandles = resolvers.some((resolver) => resolver !== undefined)
  const self = contract.shape === 'method' ? resourceOf(resources, interfaceName, contract) : undefined
  let validate: Validator | undefined
  let calls = 0

  return function guarded(this: unknown, ...args: unknown[]): unknown {
    guard.admit(calls)
    calls += 1
    try {
      guard.enter(place)
      validate ??= compileArgumentValidator(contract)
      const problem = validate(args)
      if (problem !== undefined) guard.hostile('type-violation', `${place}: ${problem}`)
      if (self === undefined) {
        if (holdsHandles) resolveAll(resolvers, args)
        return guard.completed(call(...args))
      }
      const state = self.find(this)
      if (state === undefined) guard.hostile('forged-handle', `${place}: no handle of ours`)
      if (holdsHandles) resolveAll(resolvers, args)
      return guard.completed(args.length === 0 ? call(state) : call(state, ...args))
    } catch (thrown) {
      throw guard.outcome(thrown, declaresErrors)
    } finally {
      guard.leave()
    }
  }
}

/** What the glue calls when a guest drops a handle. */
export function dropTrampoline(guard: Guard, resource: AnyResource): () => void {
  let calls = 0
  return function drop(this: unknown): void {
    guard.admit(calls)
    calls += 1
    try {
      guard.enter()
      const state = resource.find(this)
      if (state === undefined || typeof this !== 'object' || this === null) {
        guard.hostile('forged-handle', `${resource.interface}#[drop]${resource.name}: no handle of ours`)
      }
      resource.release(this)
      state.drop()
    } catch (thrown) {
      throw guard.outcome(thrown, false)
    } finally {
      guard.leave()
    }
  }
}

function resolveAll(resolvers: readonly (Resolver | undefined)[], args: unknown[]): void {
  for (let at = 0; at < resolvers.length; at++) {
    const resolve = resolvers[at]
    if (resolve !== undefined) args[at] = resolve(args[at])
  }
}

function resourceOf(resources: ResourceIndex, interfaceName: string, contract: FunctionContract): AnyResource {
  return known(resources, interfaceName, contract.resource ?? '')
}

function known(resources: ResourceIndex, interfaceName: string, name: string): AnyResource {
  const resource = resources.get(`${interfaceName}#${name}`)
  if (resource === undefined) throw new TypeError(`no class for the resource ${interfaceName}#${name}`)
  return resource
}

/** Handles appear alone, in lists, options, tuples, records and results; each is looked up in its own class and no other. */
function resolverOf(type: ValueType, guard: Guard, resources: ResourceIndex, place: string): Resolver | undefined {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return handleResolver(known(resources, type.interface, type.resource), type.kind, guard, place)
    case 'list': {
      const element = resolverOf(type.element, guard, resources, place)
      return element === undefined ? undefined : (value) => (value as unknown[]).map(element)
    }
    case 'option': {
      const inner = resolverOf(type.value, guard, resources, place)
      return inner === undefined ? undefined : (value) => (value === undefined ? undefined : inner(value))
    }
    case 'result': {
      const inner = type.ok === undefined ? undefined : resolverOf(type.ok, guard, resources, place)
      return inner === undefined ? undefined : (value) => resolveOk(value as { tag: string; val: unknown }, inner)
    }
    case 'record':
    case 'tuple':
    case 'variant':
      return refuseNestedHandles(type, guard, resources, place)
    default:
      return undefined
  }
}

function handleResolver(resource: AnyResource, kind: 'own' | 'borrow', guard: Guard, place: string): Resolver {
  return (value) => {
    const state = resource.find(value)
    if (state === undefined) guard.hostile('forged-handle', `${place}: an argument is no ${resource.name} of ours`)
    // A handle that is given away is no handle any more; its state now belongs to the function.
    if (kind === 'own' && typeof value === 'object' && value !== null) resource.release(value)
    return state
  }
}

function resolveOk(value: { tag: string; val: unknown }, inner: Resolver): unknown {
  return value.tag === 'ok' ? { tag: 'ok', val: inner(value.val) } : value
}

/** No bundled interface passes handles inside these; a new one that does must be taught here, not passed through unresolved. */
function refuseNestedHandles(
  type: Extract<ValueType, { kind: 'record' | 'tuple' | 'variant' }>,
  guard: Guard,
  resources: ResourceIndex,
  place: string,
): undefined {
  const parts =
    type.kind === 'tuple'
      ? type.items
      : type.kind === 'record'
        ? type.fields.map((field) => field.type)
        : type.cases.flatMap((one) => (one.type === undefined ? [] : [one.type]))
  if (parts.some((part) => resolverOf(part, guard, resources, place) !== undefined)) {
    throw new TypeError(`${place}: a handle inside a ${type.kind} is not supported`)
  }
  return undefined
}
