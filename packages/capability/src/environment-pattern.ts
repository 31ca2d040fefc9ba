import { checkPatternText, holdsUnprintable } from './characters.js'
import type { CompiledPattern } from './compiled-pattern.js'
import { environmentPatternBytesMax } from './limits.js'
import { PatternError } from './pattern-error.js'

/** An environment pattern (SPEC 3.5) as plain data: the exact name, or every name that begins with it. */
export type ParsedEnvironmentPattern = { readonly source: string; readonly name: string; readonly prefix: boolean }

/**
 * A variable name, exact or with a trailing `*` for any run of characters.
 *
 * @throws {PatternError} empty, `=` in the name, `*` elsewhere than at the end, control characters.
 * @example
 * ```ts
 * compileEnvironmentPattern('INGEST_*').matches('INGEST_MODE') // true
 * ```
 */
export function compileEnvironmentPattern(source: string): CompiledPattern {
  const parsed = parseEnvironmentPattern(source)
  return { source, matches: (candidate) => isVariableName(candidate) && environmentMatches(parsed, candidate) }
}

/** @throws {PatternError} see `compileEnvironmentPattern`. */
export function parseEnvironmentPattern(source: string): ParsedEnvironmentPattern {
  checkPatternText(source, environmentPatternBytesMax)
  const equals = source.indexOf('=')
  if (equals !== -1) throw bad(source, equals, '`=` is not allowed in a variable name')
  const star = source.indexOf('*')
  if (star !== -1 && star !== source.length - 1) throw bad(source, star, '`*` may stand at the end only')
  return { source, name: star === -1 ? source : source.slice(0, -1), prefix: star !== -1 }
}

/** Not empty, without `=`, control characters and lone surrogates. */
export function isVariableName(text: string): boolean {
  return text !== '' && !text.includes('=') && !holdsUnprintable(text)
}

/** Whether the pattern matches a name that passed `isVariableName`. */
export function environmentMatches(pattern: ParsedEnvironmentPattern, name: string): boolean {
  return pattern.prefix ? name.startsWith(pattern.name) : name === pattern.name
}

/** Whether every name that `narrow` matches is matched by `wide`. Exact. */
export function environmentCovers(wide: ParsedEnvironmentPattern, narrow: ParsedEnvironmentPattern): boolean {
  return wide.prefix ? narrow.name.startsWith(wide.name) : !narrow.prefix && narrow.name === wide.name
}

function bad(source: string, position: number, message: string): PatternError {
  return new PatternError(message, { source, position, hint: 'write a name, or the beginning of one and `*`' })
}
