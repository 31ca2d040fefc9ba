import { type FunctionContract, type InterfaceContract, parseWit } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { deniedValue } from './denied-value.js'
import type { HostCallContext } from './host-call-context.js'
import { interfaceFunctionsMax } from './limits.js'

/** What a call asks for: a kind and an action of SPEC 2, or of the runtime's `kinds`. */
export type AskedRequest = { readonly kind: string; readonly action: string; readonly resource: string }

/**
 * One function as the host application offers it. Arguments are the values that the WIT says: records with names in camel
 * case, `u64` as `bigint`, `list<u8>` as `Uint8Array`, an absent option as `undefined`, variants as `{ tag, val }`.
 */
export type HostFunction = {
  /**
   * What a call with these arguments asks for: all of it must be granted before `run` is called. `'none'`: the function
   * gives nothing away that would have to be granted. It only looks at its arguments; an error in it denies the call.
   */
  readonly authorize: 'none' | ((...args: never[]) => AskedRequest | readonly AskedRequest[])
  /**
   * Does it, after the arguments with the {@link HostCallContext}. It returns (or resolves with) the result; of a function
   * with a `result` that of `ok`, and throws {@link DeclaredError} for `err`.
   */
  readonly run: (...args: never[]) => unknown
  /**
   * The error that a guest gets which was denied, as a value of the function's error type; `'trap'` ends the guest. Left out:
   * `'access-denied'` or its like, where the error type is a text or has such a case.
   */
  readonly denied?: 'trap' | ((reason: string) => unknown)
  /**
   * The error that a guest gets when `run` has gone wrong. Left out: the guest is ended, as a fault of the host's that it is
   * not charged for.
   */
  readonly failed?: (error: unknown) => unknown
}

export type HostInterfaceDefinition = {
  /** The interface in WIT: functions over plain values, no resources. */
  readonly wit: string
  /** By their names in WIT; every function of the interface. */
  readonly functions: Readonly<Record<string, HostFunction>>
}

/** An interface that was checked; `createRuntime` takes it. */
export type HostInterface = {
  /** With its version. */
  readonly name: string
  readonly contract: InterfaceContract
  readonly functions: ReadonlyMap<string, HostFunction>
}

const ownNamespaces = ['wasi', 'wasmcloud', 'bulkhead']

/**
 * Defines an interface that components may import (SPEC 17). Everything about it runs in this thread: the guest waits, with
 * its deadline, while `authorize` and `run` have their turn on the event loop.
 *
 * @param name with package and version: `acme:crm/contacts@1.0.0`. A component that was built for another version of the same
 *   major gets it too, as long as the types are the same.
 * @throws {BulkheadError} `interface-invalid` for WIT that this version does not read, a function too many or too few, and a
 *   function whose denial its type has no word for.
 * @example
 * ```ts
 * const contacts = defineHostInterface('acme:crm/contacts@1.0.0', {
 *   wit: 'interface contacts { find: func(query: string) -> result<list<string>, string>; }',
 *   functions: {
 *     find: {
 *       authorize: (query) => ({ kind: 'crm-contact', action: 'find', resource: query }),
 *       run: (query, context) => search(query, { signal: context.signal }),
 *     },
 *   },
 * })
 * const runtime = await createRuntime({
 *   interfaces: [contacts],
 *   kinds: [{ name: 'crm-contact', grammar: 'name', actions: ['find'] }],
 * })
 * ```
 */
export function defineHostInterface(name: string, definition: HostInterfaceDefinition): HostInterface {
  const contract = parseWit(name, definition.wit)
  if (ownNamespaces.some((one) => contract.name.startsWith(`${one}:`))) {
    throw new BulkheadError('interface-invalid', `\`${name}\` is in a name space of Bulkhead's own interfaces`, {
      hint: `not ${ownNamespaces.join(', ')}: name the package after the application`,
    })
  }
  if (contract.functions.length > interfaceFunctionsMax) {
    throw new BulkheadError('interface-invalid', `\`${name}\` has ${contract.functions.length} functions`, {
      hint: `at most ${interfaceFunctionsMax}`,
    })
  }
  const functions = new Map(Object.entries(definition.functions))
  for (const fn of contract.functions) checkFunction(name, fn, functions.get(fn.name))
  for (const given of functions.keys()) {
    if (!contract.functions.some((fn) => fn.name === given)) {
      throw new BulkheadError('interface-invalid', `\`${name}\` has no function \`${given}\` in its WIT`, {
        hint: `it has ${contract.functions.map((fn) => `\`${fn.name}\``).join(', ')}, written as in the WIT`,
      })
    }
  }
  return Object.freeze({ name, contract, functions })
}

function checkFunction(name: string, fn: FunctionContract, given: HostFunction | undefined): void {
  const place = `\`${fn.name}\` of \`${name}\``
  if (given === undefined) throw new BulkheadError('interface-invalid', `the function ${place} is not given`)
  const { authorize, run, denied, failed } = given
  if (authorize !== 'none' && typeof authorize !== 'function') {
    throw new BulkheadError('interface-invalid', `the function ${place} does not say what it asks for`, {
      hint: "`authorize: (…arguments) => ({ kind, action, resource })`, or `authorize: 'none'`",
    })
  }
  if (typeof run !== 'function') throw new BulkheadError('interface-invalid', `the function ${place} has no \`run\``)
  const declares = fn.result?.kind === 'result'
  if (typeof denied === 'function' && !declares) throw withoutErrors(place, 'denied')
  if (failed !== undefined && !declares) throw withoutErrors(place, 'failed')
  if (authorize === 'none' || denied !== undefined || deniedValue(fn) !== undefined) return
  throw new BulkheadError('interface-invalid', `the function ${place} has no error that says that it is denied`, {
    hint: declares
      ? '`denied: (reason) => …` makes one of its error type; or add a case `access-denied` to that'
      : "let it return a `result<…, string>`; or `denied: 'trap'` ends the guest",
  })
}

function withoutErrors(place: string, option: string): BulkheadError {
  return new BulkheadError(
    'interface-invalid',
    `\`${option}\` of the function ${place}: its result declares no error`,
    {
      hint: 'let it return a `result<…, …>`',
    },
  )
}
