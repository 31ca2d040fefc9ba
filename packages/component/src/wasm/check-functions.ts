import { BulkheadError } from '@bulkhead/vocabulary'
import { ByteReader } from './byte-reader.js'
import { type CoreModule, section } from './core-module.js'

/**
 * Locals of a function times the bytes of its body. V8 compiles a function when it is first called, on the actor's thread,
 * in a time that grows with this product, and nothing can end that thread meanwhile: 42 KB of code with 50,000 locals (two
 * thousand million) held one for forty seconds. The largest function of CPython has six million.
 */
export const functionWorkMax = 50_000_000

/**
 * Refuses functions whose compilation would hold an actor's thread beyond every deadline.
 *
 * @throws {BulkheadError} `component-too-large` for the first such function; `component-invalid` when the code section is
 *   not one.
 */
export function checkFunctions(module: CoreModule): void {
  const found = module.sections.find((each) => each.id === section.code)
  if (found === undefined) return
  const reader = new ByteReader(module.bytes, found.body, found.end)
  for (let left = reader.count(); left > 0; left -= 1) {
    const body = reader.take(reader.u32())
    const locals = localsOf(new ByteReader(body))
    if (locals * body.length > functionWorkMax) {
      throw new BulkheadError(
        'component-too-large',
        `the component holds a function of ${body.length} bytes with ${locals} local variables, which takes too long to compile`,
        { details: { locals, bodyBytes: body.length, limit: functionWorkMax }, hint: 'split the function' },
      )
    }
  }
}

/** The declared ones; groups of one type, each with its number. Value types of two parts are stepped over. */
function localsOf(reader: ByteReader): number {
  let locals = 0
  for (let groups = reader.count(); groups > 0; groups -= 1) {
    locals += reader.u32()
    const type = reader.byte()
    if (type === 0x63 || type === 0x64) reader.skipLeb()
  }
  return locals
}
