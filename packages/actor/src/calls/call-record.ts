// A call by name on its way into a component and back: the body of a message that the host sends to the component's own
// mailbox, and of the answer. Both ends know the function, so that types are not written.

import {
  callAnswerBytesMax,
  callArgumentBytesMax,
  type ExportedFunction,
  qualifiedName,
  ValueDecoder,
  ValueEncoder,
} from '@bulkhead/contracts'

/** The subject of calls in a mailbox. Guests have no way to send on it: `$sys` belongs to the host. */
export const callSubject = '$sys.call'

const text = { kind: 'string' } as const

/**
 * @param number names the call in its answer.
 * @throws {ValueProblem} with the way to the first value that is not of its type; `size` when they are too many.
 */
export function encodeCall(number: number, fn: ExportedFunction, args: readonly unknown[]): Uint8Array {
  const encoder = new ValueEncoder(callArgumentBytesMax).u32(number).value(text, qualifiedName(fn), 'function')
  for (const [index, { name, type }] of fn.params.entries()) encoder.value(type, args[index], name)
  return encoder.finish()
}

export type Call = { readonly number: number; readonly fn: ExportedFunction; readonly args: readonly unknown[] }

/**
 * Reads a call, of which only the number has to make sense: the component may have been exchanged for another one since it
 * was sent.
 */
export function decodeCall(
  body: Uint8Array,
  functions: ReadonlyMap<string, ExportedFunction>,
): Call | { readonly number: number } {
  const decoder = new ValueDecoder(body)
  const number = decoder.u32()
  const fn = functions.get(decoder.value(text) as string)
  if (fn === undefined) return { number }
  try {
    const args = fn.params.map(({ type }) => decoder.value(type))
    decoder.end()
    return { number, fn, args }
  } catch {
    return { number }
  }
}

/** `refused`: the function was not entered, or what it returned cannot be sent. */
export type CallAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: 'changed' | 'too-large' }

const reasons = ['changed', 'too-large'] as const

/** @throws {ValueProblem} when the value is too large. */
export function encodeAnswer(number: number, { result }: ExportedFunction, value: unknown): Uint8Array {
  const encoder = new ValueEncoder(callAnswerBytesMax).u32(number).u8(0)
  if (result !== undefined) encoder.value(result, value, 'result')
  return encoder.finish()
}

export function encodeRefusal(number: number, reason: (typeof reasons)[number]): Uint8Array {
  return new ValueEncoder(callAnswerBytesMax)
    .u32(number)
    .u8(1 + reasons.indexOf(reason))
    .finish()
}

/** The number of the call that is answered. */
export function answeredCall(body: Uint8Array): number {
  return new ValueDecoder(body).u32()
}

/**
 * Reads an answer, by whomever it was written.
 *
 * @throws {ValueProblem} for what is no answer of this function.
 */
export function decodeAnswer(body: Uint8Array, { result }: ExportedFunction): CallAnswer {
  const decoder = new ValueDecoder(body)
  decoder.u32()
  const choice = decoder.u8()
  const reason = reasons[choice - 1]
  const answer: CallAnswer =
    reason !== undefined
      ? { kind: 'refused', reason }
      : { kind: 'value', value: result === undefined ? undefined : decoder.value(result) }
  decoder.end()
  return answer
}
