import { encodeInterfaceAnswer, type FunctionContract, type InterfaceAnswer, ValueProblem } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { DeclaredError } from './declared-error.js'
import { deniedValue } from './denied-value.js'
import type { HostFunction } from './host-interface.js'
import { interfaceAnswerBytesMax } from './limits.js'

/** How a call ended on the host's side. `denied` says why, for the operator's ears and the `denied` of the function. */
export type CallOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'denied'; readonly reason: string }
  | { readonly kind: 'threw'; readonly error: unknown }

/** What goes back to the guest, and what the host application has to hear of besides. */
export type CallAnswer = {
  readonly bytes: Uint8Array
  /** The guest gets no answer of its function's type: it ends, and the host answers for it. */
  readonly endsGuest: boolean
  readonly failure?: unknown
}

/** Pure but for the host application's own `denied` and `failed`. */
export function answerTo(fn: FunctionContract, given: HostFunction, outcome: CallOutcome): CallAnswer {
  try {
    const answer = declaredAnswer(fn, given, outcome)
    if (answer !== undefined) return { bytes: encoded(fn, answer), endsGuest: false }
  } catch (thrown) {
    return answerToFailure(fn, given, thrown)
  }
  return answerToFailure(fn, given, outcome.kind === 'threw' ? outcome.error : undefined)
}

/** `undefined` where there is nothing but a failure. */
function declaredAnswer(fn: FunctionContract, given: HostFunction, outcome: CallOutcome): InterfaceAnswer | undefined {
  const declares = fn.result?.kind === 'result'
  switch (outcome.kind) {
    case 'returned':
      return { kind: 'value', value: declares ? { tag: 'ok', val: outcome.value } : outcome.value }
    case 'denied': {
      const { denied } = given
      if (typeof denied === 'function') return error(denied(outcome.reason))
      const usual = denied === 'trap' ? undefined : deniedValue(fn)
      return usual === undefined ? { kind: 'refused', message: 'denied' } : error(usual.value)
    }
    case 'threw':
      return declares && outcome.error instanceof DeclaredError ? error(outcome.error.payload) : undefined
  }
}

function answerToFailure(fn: FunctionContract, { failed }: HostFunction, failure: unknown): CallAnswer {
  if (failed !== undefined) {
    try {
      return { bytes: encoded(fn, error(failed(failure))), endsGuest: false, failure }
    } catch (thrown) {
      return { bytes: failedBytes(fn), endsGuest: true, failure: thrown }
    }
  }
  return { bytes: failedBytes(fn), endsGuest: true, failure }
}

function error(val: unknown): InterfaceAnswer {
  return { kind: 'value', value: { tag: 'err', val } }
}

/** @throws {BulkheadError} `interface-failed` for a value that is not of the function's type, or too long. */
function encoded(fn: FunctionContract, answer: InterfaceAnswer): Uint8Array {
  try {
    return encodeInterfaceAnswer(fn, answer, interfaceAnswerBytesMax)
  } catch (thrown) {
    if (!(thrown instanceof ValueProblem)) throw thrown
    throw new BulkheadError(
      'interface-failed',
      `what \`${fn.name}\` returned cannot be given to the guest: ${thrown.message}`,
      {
        hint: thrown.kind === 'size' ? 'return less at once' : 'return a value of the type in the WIT',
      },
    )
  }
}

function failedBytes(fn: FunctionContract): Uint8Array {
  return encoded(fn, { kind: 'failed', message: 'the host application has failed' })
}
