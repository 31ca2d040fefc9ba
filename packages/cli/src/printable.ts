import { shownTextCharactersMax } from './limits.js'

// A terminal obeys what is printed to it. Text that a guest or an author chose (paths, names, output lines) passes
// through here first: control characters, bidirectional overrides and lone surrogates become visible escapes.
export const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udfff]/gu

/**
 * Makes text safe to show: what could move the cursor or reorder the line is escaped, and what is too long is cut.
 *
 * @param charactersMax code points kept; default 200 (SPEC 6)
 * @example
 * ```ts
 * printable('a\u001b[31mb') // 'a\\x1b[31mb'
 * ```
 */
export function printable(text: string, charactersMax: number = shownTextCharactersMax): string {
  return cut(text.replace(UNPRINTABLE, escapeCharacter), charactersMax)
}

/** Cuts text after so many code points and says so with an ellipsis. */
export function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const characters = [...text]
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    case '\t':
      return '\\t'
  }
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
