import { BulkheadError } from '@bulkhead/vocabulary'

/** One line of the protocol, in either direction: an object whose fields nobody has checked yet. */
export type Frame = { readonly [name: string]: unknown }

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads one line. `__proto__` is refused wherever it stands: a copy of such an object would have another prototype.
 *
 * @throws {BulkheadError} `usage` when it is not UTF-8, not JSON, or not an object.
 */
export function parseFrame(line: Uint8Array): Frame {
  const value = parseJson(line)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Frame
  throw malformed('it is not an object')
}

/** @throws {TypeError} for what JSON cannot say, such as a bigint. */
export function renderFrame(frame: Frame): string {
  return `${JSON.stringify(frame)}\n`
}

function parseJson(line: Uint8Array): unknown {
  let text: string
  try {
    text = decoder.decode(line)
  } catch {
    throw malformed('it is not UTF-8')
  }
  try {
    return JSON.parse(text, refusePrototype)
  } catch (error) {
    if (error instanceof BulkheadError) throw error
    throw malformed('it is not JSON')
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw malformed('it has a key `__proto__`')
  return value
}

function malformed(why: string): BulkheadError {
  return new BulkheadError('usage', `a line of the admin protocol is malformed: ${why}`, {
    hint: 'one JSON object a line, in UTF-8',
  })
}
