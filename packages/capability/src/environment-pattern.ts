import type { CompiledPattern } from './compiled-pattern.js'
import { isPlainName, nameHint, nameMatches, type ParsedNamePattern, parseNamePattern } from './name-pattern.js'
import { PatternError } from './pattern-error.js'

/**
 * A variable name, exact or with a trailing `*` for any run of characters (SPEC 3.5).
 *
 * @throws {PatternError} empty, `=` in the name, `*` elsewhere than at the end, control characters.
 * @example
 * ```ts
 * compileEnvironmentPattern('INGEST_*').matches('INGEST_MODE') // true
 * ```
 */
export function compileEnvironmentPattern(source: string): CompiledPattern {
  const parsed = parseEnvironmentPattern(source)
  return { source, matches: (candidate) => isVariableName(candidate) && nameMatches(parsed, candidate) }
}

/** @throws {PatternError} see `compileEnvironmentPattern`. */
export function parseEnvironmentPattern(source: string): ParsedNamePattern {
  const equals = source.indexOf('=')
  if (equals === -1) return parseNamePattern(source)
  throw new PatternError('`=` is not allowed in a variable name', { source, position: equals, hint: nameHint })
}

/** Not empty, without `=`, control characters and lone surrogates. */
export function isVariableName(text: string): boolean {
  return isPlainName(text) && !text.includes('=')
}
