import { type ExportedFunction, jsonFromValue, qualifiedName, valueFromJson } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { CallDesk, CallSettings } from './call-desk.js'

/** What a call came to, for who reads JSON. */
export type JsonAnswer = {
  /** With its interface. */
  readonly function: string
  /** The result as JSON; `null` where the function returns nothing. */
  readonly result: string
}

/**
 * Calls a function with arguments that are JSON, each by itself.
 *
 * @throws {BulkheadError} as `CallDesk.call`; `usage` for what is no JSON.
 */
export async function callWithJson(
  desk: Pick<CallDesk, 'call' | 'functionOf'>,
  call: { readonly child: string; readonly name: string; readonly args: readonly string[] },
  settings: CallSettings,
): Promise<JsonAnswer> {
  const fn = desk.functionOf(call.child, call.name)
  const args = call.args.map((text, index) => argument(fn, index, text))
  const name = qualifiedName(fn)
  const value = await desk.call(call.child, name, args, settings)
  return { function: name, result: JSON.stringify(resultOf(fn, value)) }
}

function argument({ params }: ExportedFunction, index: number, text: string): unknown {
  const parameter = params[index]
  try {
    const json: unknown = JSON.parse(text)
    return parameter === undefined ? json : valueFromJson(parameter.type, json)
  } catch {
    throw new BulkheadError('usage', `the argument \`${parameter?.name ?? index + 1}\` is no JSON`, {
      details: { argument: parameter?.name ?? index + 1 },
      hint: 'a text stands in quotes of its own: \'"world"\'',
    })
  }
}

/** Of a `result` a call returns what is `ok`. */
function resultOf({ result }: ExportedFunction, value: unknown): unknown {
  const type = result?.kind === 'result' ? result.ok : result
  return type === undefined ? null : jsonFromValue(type, value)
}
