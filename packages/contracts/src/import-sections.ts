import { BulkheadError } from '@bulkhead/vocabulary'
import { importDescriptionBytesMax } from './limits.js'

// In a component's binary form every import's complete type stands in the type (7), import (10) and alias (6) sections
// in front of the first thing that is not a description of imports. Those sections alone are again a valid component of
// a few kilobytes, which can be printed and compared without touching the code.
//
// An import *behind* the first definition would escape the comparison, and its indices would depend on sections that
// are not kept: such a component is refused. The tools that build components never write one.

const HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
const SECTION = { custom: 0, coreType: 3, alias: 6, type: 7, import: 10 } as const
const DESCRIBING: ReadonlySet<number> = new Set([SECTION.coreType, SECTION.alias, SECTION.type, SECTION.import])
const SECTION_ID_MAX = 12

export type ComponentSection = {
  readonly id: number
  readonly start: number
  readonly body: number
  readonly end: number
}

/**
 * The top-level sections of a component, in order.
 *
 * @throws {BulkheadError} `component-invalid` when the bytes are not a component or a section does not fit in them.
 */
export function* componentSections(bytes: Uint8Array): Generator<ComponentSection> {
  if (!HEADER.every((byte, index) => bytes[index] === byte)) throw invalid('the bytes are not a component')
  let position: number = HEADER.length
  while (position < bytes.length) {
    const start = position
    const id = bytes[position] ?? 0
    if (id > SECTION_ID_MAX) throw invalid(`byte ${start} begins no section that is known`)
    const size = readSize(bytes, position + 1)
    const end = size.next + size.value
    if (end > bytes.length) throw invalid(`the section at byte ${start} is longer than the file`)
    yield { id, start, body: size.next, end }
    position = end
  }
}

/**
 * A component of only the sections that describe `component`'s imports, ready to be printed.
 *
 * @throws {BulkheadError} `component-invalid` when the bytes are not a component, when an import stands behind a
 *   definition, or when the description is larger than `importDescriptionBytesMax`.
 * @example
 * ```ts
 * const imported = parseImportTypes(await print(extractImportSections(bytes)))
 * ```
 */
export function extractImportSections(component: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [Uint8Array.from(HEADER)]
  let keptBytes = HEADER.length
  let defining = false
  for (const section of componentSections(component)) {
    if (section.id === SECTION.custom) continue
    if (!DESCRIBING.has(section.id)) defining = true
    if (defining && section.id === SECTION.import) throw invalid('an import stands behind a definition')
    if (defining) continue
    keptBytes += section.end - section.start
    if (keptBytes > importDescriptionBytesMax) throw invalid('the description of the imports is too large')
    kept.push(component.subarray(section.start, section.end))
  }
  return concatenate(kept, keptBytes)
}

/** All parts in one. */
export function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

/** An unsigned LEB128 of at most 32 bits. */
function readSize(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[at + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: at + index + 1 }
  }
  throw invalid(`the size at byte ${at} is not complete`)
}

function invalid(message: string): BulkheadError {
  return new BulkheadError('component-invalid', message, { hint: 'the file is damaged or was cut short' })
}
