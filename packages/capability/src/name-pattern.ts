import { checkPatternText, holdsUnprintable } from './characters.js'
import { namePatternBytesMax } from './limits.js'
import { PatternError } from './pattern-error.js'

/** A name pattern as plain data: the exact name, or every name that begins with it. */
export type ParsedNamePattern = { readonly source: string; readonly name: string; readonly prefix: boolean }

/**
 * A name, exact or with a trailing `*` for any run of characters.
 *
 * @throws {PatternError} empty, `*` elsewhere than at the end, control characters.
 */
export function parseNamePattern(source: string): ParsedNamePattern {
  checkPatternText(source, namePatternBytesMax)
  const star = source.indexOf('*')
  if (star !== -1 && star !== source.length - 1) {
    throw new PatternError('`*` may stand at the end only', { source, position: star, hint: nameHint })
  }
  return { source, name: star === -1 ? source : source.slice(0, -1), prefix: star !== -1 }
}

/** Not empty, without control characters and lone surrogates. */
export function isPlainName(text: string): boolean {
  return text !== '' && !holdsUnprintable(text)
}

/** Whether the pattern matches a name that passed `isPlainName`. */
export function nameMatches(pattern: ParsedNamePattern, name: string): boolean {
  return pattern.prefix ? name.startsWith(pattern.name) : name === pattern.name
}

/** Whether every name that `narrow` matches is matched by `wide`. Exact. */
export function nameCovers(wide: ParsedNamePattern, narrow: ParsedNamePattern): boolean {
  return wide.prefix ? narrow.name.startsWith(wide.name) : !narrow.prefix && narrow.name === wide.name
}

export const nameHint = 'write a name, or the beginning of one and `*`'
