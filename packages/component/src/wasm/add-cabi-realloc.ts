import { ByteReader } from './byte-reader.js'
import { leb } from './byte-writer.js'
import { externalKind } from './core-entries.js'
import { type CoreModule, readCoreModule, section } from './core-module.js'
import { functionTypes, importedFunctions, type Signature, signatureOf } from './function-types.js'
import { customSections, findNamedFunction } from './name-section.js'
import { replaceSections } from './replace-sections.js'

// The preview1 adapter needs a page of memory of its own inside the program. It takes it from the program's
// `cabi_realloc` if there is one, else by growing the memory. The allocator of a wasi-libc from before late 2022 takes
// every page that is grown for its own, so both would write to the same bytes: the program's heap is corrupted, silently.
// A `cabi_realloc` that asks the program's own `malloc` keeps them apart.

const I32 = 0x7f
const FUNC = 0x60
const NAME = 'cabi_realloc'
/** wasi-sdk 17 and later, with clang 15, cope with pages that others grew. */
const CLANG_THAT_COPES = 15

export type Cured = {
  readonly bytes: Uint8Array
  /** Set when the module may be damaged by the adapter and nothing could be done. */
  readonly warning?: string
}

/**
 * Gives a preview1 module an exported `cabi_realloc` that calls its own `malloc`, when it has the one and not the other.
 * `malloc` is found by an export or by the name section; a wrong name only harms the module itself.
 */
export function addCabiRealloc(bytes: Uint8Array): Cured {
  const module = readCoreModule(bytes)
  if (module.exports.some((each) => each.name === NAME)) return { bytes }
  const malloc = findMalloc(module)
  const signature = malloc === undefined ? undefined : signatureOf(module, malloc)
  if (malloc !== undefined && isMallocLike(signature)) return { bytes: withCabiRealloc(module, malloc) }
  return isBuiltByOldClang(module)
    ? {
        bytes,
        warning:
          'this module was built with an old C library and its `malloc` could not be found: the preview1 adapter may corrupt its memory; build it with wasi-sdk 17 or later, or keep its name section',
      }
    : { bytes }
}

function findMalloc(module: CoreModule): number | undefined {
  const exported = module.exports.find((each) => each.name === 'malloc' && each.kind === externalKind.function)
  return exported?.index ?? findNamedFunction(module, 'malloc') ?? findNamedFunction(module, 'dlmalloc')
}

function isMallocLike(signature: Signature | undefined): boolean {
  return (
    signature?.params.length === 1 &&
    signature.params[0] === I32 &&
    signature.results.length === 1 &&
    signature.results[0] === I32
  )
}

function withCabiRealloc(module: CoreModule, malloc: number): Uint8Array {
  const typeIndex = functionTypes(module).length
  const typeCount = entriesOf(module, section.type).count
  // A module with types of another form would need all of them counted: it is no C program, and left alone.
  if (typeIndex !== typeCount) return module.bytes
  const functionIndex = importedFunctions(module) + module.definedFunctions
  const body = [0, 0x20, 3, 0x10, ...leb(malloc), 0x0b]
  return replaceSections(
    module,
    new Map([
      [section.type, appended(module, section.type, [FUNC, 4, I32, I32, I32, I32, 1, I32])],
      [section.function, appended(module, section.function, leb(typeIndex))],
      [
        section.export,
        appended(module, section.export, [...nameBytes(NAME), externalKind.function, ...leb(functionIndex)]),
      ],
      [section.code, appended(module, section.code, [...leb(body.length), ...body])],
    ]),
  )
}

function entriesOf(module: CoreModule, id: number): { readonly count: number; readonly rest: Uint8Array } {
  const found = module.sections.find((each) => each.id === id)
  if (found === undefined) return { count: 0, rest: new Uint8Array(0) }
  const reader = new ByteReader(module.bytes, found.body, found.end)
  const count = reader.u32()
  return { count, rest: module.bytes.subarray(reader.position, found.end) }
}

function appended(module: CoreModule, id: number, entry: readonly number[]): Uint8Array {
  const { count, rest } = entriesOf(module, id)
  const head = leb(count + 1)
  const whole = new Uint8Array(head.length + rest.length + entry.length)
  whole.set(head)
  whole.set(rest, head.length)
  whole.set(entry, head.length + rest.length)
  return whole
}

function nameBytes(name: string): number[] {
  const text = [...new TextEncoder().encode(name)]
  return [...leb(text.length), ...text]
}

function isBuiltByOldClang(module: CoreModule): boolean {
  const producers = customSections(module).get('producers')
  const match = /clang.{1,2}?(\d+)\.\d+/s.exec(
    producers === undefined ? '' : new TextDecoder('latin1').decode(producers),
  )
  return match?.[1] !== undefined && Number(match[1]) < CLANG_THAT_COPES
}
