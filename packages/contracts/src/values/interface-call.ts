import type { FunctionContract, InterfaceContract } from '../contract.js'
import { interfaceArgumentBytesMax } from '../limits.js'
import type { ValueType } from '../value-type.js'
import { ValueDecoder } from './decode-value.js'
import { ValueEncoder } from './encode-value.js'
import { ValueProblem } from './value-problem.js'

// A call of a function that a host application offers, on its way from the guest's thread and back. Each end has the
// contract: the caller's end validated the arguments, the other one reads claims.

const name: ValueType = { kind: 'string' }

/** A call as it arrived, with arguments that are values of the function's types. */
export type InterfaceCall = {
  readonly interface: InterfaceContract
  readonly fn: FunctionContract
  readonly args: readonly unknown[]
}

/** `refused`: denied, and the function has no error of its own that says so. `failed`: the host application went wrong. */
export type InterfaceAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused' | 'failed'; readonly message: string }

const answerKinds = ['value', 'refused', 'failed'] as const

/** @throws {ValueProblem} `size` when the arguments are more than may be sent. */
export function encodeInterfaceCall(interfaceName: string, fn: FunctionContract, args: readonly unknown[]): Uint8Array {
  const encoder = new ValueEncoder(interfaceArgumentBytesMax)
  encoder.value(name, interfaceName, 'interface').value(name, fn.name, 'function')
  for (const [index, parameter] of fn.params.entries()) encoder.value(parameter.type, args[index], parameter.name)
  return encoder.finish()
}

/** @throws {ValueProblem} when it is no call of a function of these interfaces, with its types. */
export function decodeInterfaceCall(
  bytes: Uint8Array,
  interfaces: ReadonlyMap<string, InterfaceContract>,
): InterfaceCall {
  const decoder = new ValueDecoder(bytes)
  const called = interfaces.get(String(decoder.value(name)))
  const fnName = decoder.value(name)
  const fn = called?.functions.find((one) => one.name === fnName)
  if (called === undefined || fn === undefined) throw new ValueProblem('type', 'function', 'it is not offered')
  const args = fn.params.map((parameter) => decoder.value(parameter.type))
  decoder.end()
  return { interface: called, fn, args }
}

/** @throws {ValueProblem} when the value is not one of the function's result, or more than may be sent. */
export function encodeInterfaceAnswer(fn: FunctionContract, answer: InterfaceAnswer, bytesMax: number): Uint8Array {
  const encoder = new ValueEncoder(bytesMax).u8(answerKinds.indexOf(answer.kind))
  if (answer.kind !== 'value') return encoder.value(name, answer.message, 'message').finish()
  if (fn.result !== undefined) encoder.value(fn.result, answer.value, 'result')
  else if (answer.value !== undefined) throw new ValueProblem('type', 'result', 'found a value, expected nothing')
  return encoder.finish()
}

/** @throws {ValueProblem} when it is no answer of this function. */
export function decodeInterfaceAnswer(fn: FunctionContract, bytes: Uint8Array): InterfaceAnswer {
  const decoder = new ValueDecoder(bytes)
  const kind = answerKinds[decoder.u8()]
  if (kind === undefined) throw new ValueProblem('type', 'answer', 'it is none')
  const answer: InterfaceAnswer =
    kind === 'value'
      ? { kind, value: fn.result === undefined ? undefined : decoder.value(fn.result) }
      : { kind, message: String(decoder.value(name)) }
  decoder.end()
  return answer
}
