import type { Position } from './finding.js'
import { quotedCharactersMax } from './limits.js'
import { onOneLine } from './quote.js'
import type { KeyPath } from './toml-value.js'

/** Keys that a program writes after a dot. */
const bare = /^[A-Za-z_$][\w$]*$/

/**
 * A key path as a program would write it; long keys are cut.
 *
 * @example
 * ```ts
 * renderKeyPath(['children', 'resize-1', 'args', 2]) // 'children["resize-1"].args[2]'
 * ```
 */
export function renderKeyPath(path: KeyPath): string {
  let written = ''
  for (const key of path) {
    const name =
      typeof key === 'string' && key.length > quotedCharactersMax ? `${key.slice(0, quotedCharactersMax)}…` : key
    if (typeof name === 'string' && bare.test(name)) written += written === '' ? name : `.${name}`
    else written += `[${JSON.stringify(name)}]`
  }
  return written
}

/**
 * Where something stands, for messages: `bulkhead.toml:9:3`, or in a document that was given as an object
 * `tree object: children.ingest`.
 */
export function renderPlace(file: string, { line, column, path }: Position): string {
  if (path === undefined) return `${onOneLine(file)}:${line}:${column}`
  return path === '' ? onOneLine(file) : `${onOneLine(file)}: ${onOneLine(path)}`
}

/** The same in a sentence about the document itself: `in line 9`, or `` at `children.ingest` ``. */
export function renderWhere({ line, path }: Position): string {
  return path === undefined ? `in line ${line}` : `at \`${onOneLine(path)}\``
}

/** The line of a place in a text; a document that was given as an object has none. */
export function lineOf({ line, path }: Position): number | undefined {
  return path === undefined ? line : undefined
}
