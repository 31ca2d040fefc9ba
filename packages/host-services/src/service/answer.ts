import { errorFromWire, type WireError } from '@bulkhead/vocabulary'
import { FieldReader } from './field-reader.js'
import type { FieldWriter } from './field-writer.js'

const [GOOD, BAD] = [0, 1]

/** Answers begin with one byte that says whether what was asked was done; errors follow as they cross any border. */
export function goodAnswer(answer: FieldWriter): FieldWriter {
  return answer.u8(GOOD)
}

export function badAnswer(answer: FieldWriter, error: WireError): Uint8Array {
  return answer.u8(BAD).text(JSON.stringify(error)).finish()
}

/** @throws {BulkheadError} the error that the service answered with. */
export function readAnswer(bytes: Uint8Array): FieldReader {
  const reader = new FieldReader(bytes)
  if (reader.u8() === GOOD) return reader
  throw errorFromWire(JSON.parse(reader.text(bytes.length)))
}
