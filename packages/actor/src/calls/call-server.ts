import type { GuestExports } from '@bulkhead/component/load'
import { type ExportedFunction, jsNameOf, qualifiedName, uncallable, ValueProblem } from '@bulkhead/contracts'
import type { GuestHost } from '@bulkhead/wasi'
import { isReturnedError } from '../guest-outcome.js'
import { type Call, decodeCall, encodeAnswer, encodeRefusal } from './call-record.js'

/** A function as the glue offers it: it takes and returns JavaScript values, and throws the `err` of a `result`. */
export type GuestFunction = (...args: readonly unknown[]) => unknown

/** What can be called, by qualified name. */
export type GuestFunctions = ReadonlyMap<string, { readonly fn: ExportedFunction; readonly call: GuestFunction }>

/** Finds what the glue calls the functions that a component exports. */
export function functionsOf(exports: GuestExports, functions: readonly ExportedFunction[]): GuestFunctions {
  const found = new Map<string, { readonly fn: ExportedFunction; readonly call: GuestFunction }>()
  for (const fn of functions) {
    const owner = (fn.interface === undefined ? exports : exports[fn.interface]) as GuestExports | undefined
    const call = owner?.[jsNameOf(fn.name)]
    if (typeof call === 'function' && uncallable(fn) === undefined) {
      found.set(qualifiedName(fn), { fn, call: call as GuestFunction })
    }
  }
  return found
}

/** Calls functions by name, one after the other. */
export class CallServer {
  readonly #functions: GuestFunctions
  readonly #types: ReadonlyMap<string, ExportedFunction>
  readonly #ended: GuestHost['ended']
  readonly #post: (answer: Uint8Array) => void

  /** @param post is given each answer; it may keep it. */
  constructor(functions: GuestFunctions, host: Pick<GuestHost, 'ended'>, post: (answer: Uint8Array) => void) {
    this.#functions = functions
    this.#types = new Map([...functions].map(([name, { fn }]) => [name, fn]))
    this.#ended = () => host.ended()
    this.#post = post
  }

  /** Has one call answered. What ends the guest is thrown: its end is the answer then. */
  serve(body: Uint8Array): void {
    const call = decodeCall(body, this.#types)
    const answer = 'fn' in call ? this.#answer(call) : encodeRefusal(call.number, 'changed')
    this.#post(answer.slice())
  }

  #answer({ number, fn, args }: Call): Uint8Array {
    const value = resultOf(fn, () => this.#functions.get(qualifiedName(fn))?.call(...args))
    // A guest may catch what a host function throws, and return as if nothing was: that is no answer.
    const ended = this.#ended()
    if (ended !== undefined) throw ended
    try {
      return encodeAnswer(number, fn, value)
    } catch (thrown) {
      if (thrown instanceof ValueProblem) return encodeRefusal(number, 'too-large')
      throw thrown
    }
  }
}

/** The glue takes a `result` apart: it returns what is `ok`, and throws what is `err`. */
function resultOf({ result }: ExportedFunction, call: () => unknown): unknown {
  if (result?.kind !== 'result') return call()
  try {
    return { tag: 'ok', val: call() }
  } catch (thrown) {
    if (!isReturnedError(thrown)) throw thrown
    return { tag: 'err', val: thrown }
  }
}
