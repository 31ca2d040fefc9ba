// What a host application does with functions that children export.

import type { ExportedFunction } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { checkCallOptions } from '../options/check-options.js'
import { parseDeadline } from '../parse-options.js'
import type { Calls } from '../tracing/traced-calls.js'

export type CallOptions = {
  readonly signal?: AbortSignal
  /** Longest wait for the answer: `'2s'`, or milliseconds; the child's own `deadline` when left out. */
  readonly deadline?: string | number
}

/**
 * A child's functions as methods. Each returns a promise, and takes the options of a call behind its own arguments.
 *
 * @typeParam Functions as `bulkhead types app.wasm` writes it down.
 */
export type Callable<Functions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (...args: infer Args) => infer Result
    ? (...args: [...args: Args, options?: CallOptions]) => Promise<Awaited<Result>>
    : never
}

export type CallApi = {
  /**
   * Calls a function that a child's component exports, in its turn among the child's messages. The arguments are checked
   * against the component's own types before anything is sent: numbers of up to 32 bits and floats are numbers, `s64` and
   * `u64` bigints, `list<u8>` a `Uint8Array`, an option its value or `undefined`, a variant `{ tag, val }`, a record an
   * object with its names in camel case, an enum its name, flags an object of booleans. Of a `result` what is `ok` is
   * returned, and what is `err` thrown.
   *
   * A call is never made twice: one whose component ends in the middle of it is an error, and so is a late answer.
   *
   * @param child of the tree; of a pool one instance is called
   * @param name in WIT (`say-hello`) or JavaScript (`sayHello`); where several interfaces have it, `ns:pkg/iface#say-hello`
   * @throws {BulkheadError} `function-unknown`; `usage` with the way to the first wrong argument; `actor-not-running`,
   *   `mailbox-overloaded`, `call-timeout`; `guest-error` with `details.payload`; `guest-trap` with what is known of the end
   * @example
   * ```ts
   * await runtime.call('greeter', 'greet', ['world'], { deadline: '2s' }) // 'hello, world'
   * ```
   */
  readonly call: (child: string, name: string, args?: readonly unknown[], options?: CallOptions) => Promise<unknown>
  /**
   * A child as an object whose methods are its functions, typed by what `bulkhead types` wrote.
   *
   * @throws {BulkheadError} each method, as `call`
   * @example
   * ```ts
   * const greeter = runtime.actor<Greeter>('greeter')
   * await greeter.greet('world', { signal: AbortSignal.timeout(1_000) })
   * ```
   */
  readonly actor: <Functions extends object>(child: string) => Callable<Functions>
}

/** @param desk `undefined` where no tree runs: then nobody can be called */
export function callApi(desk: Calls | undefined): CallApi {
  const running = (): Calls => {
    if (desk !== undefined) return desk
    throw new BulkheadError('actor-not-running', 'this runtime has no tree, so there is nobody to call', {
      hint: "name one: createRuntime({ tree: 'bulkhead.toml' })",
    })
  }
  const call: CallApi['call'] = async (child, name, args = [], options) => {
    checkCallOptions(options)
    const { signal, deadline } = options ?? {}
    return await running().call(child, name, args, {
      signal,
      deadlineMs: deadline === undefined ? undefined : parseDeadline(deadline),
    })
  }
  return {
    call,
    actor: <Functions extends object>(child: string) =>
      new Proxy(Object.freeze({}), {
        get: (_target, name) => {
          // A promise that resolves with it would ask it for `then`.
          if (typeof name === 'symbol' || name === 'then') return undefined
          return async (...given: unknown[]) => {
            const fn = running().functionOf(child, name)
            const { args, options } = split(fn, given)
            return call(child, name, args, options)
          }
        },
      }) as Callable<Functions>,
  }
}

/** Options stand behind all of a function's own arguments. */
function split(
  { params }: ExportedFunction,
  given: readonly unknown[],
): { readonly args: readonly unknown[]; readonly options: CallOptions } {
  const last = given[params.length]
  if (given.length !== params.length + 1 || typeof last !== 'object' || last === null) {
    return { args: given, options: {} }
  }
  return { args: given.slice(0, -1), options: last }
}
