import { quotedCharactersMax } from './limits.js'

// Control characters could forge a line of the log, bidirectional and invisible ones what a reader believes to see.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A document's own words as an error message may repeat them: in backticks, on one line, hidden characters spelt out, cut
 * at {@link quotedCharactersMax}.
 *
 * @example
 * ```ts
 * quote('a\nb') // '`a\\u{a}b`'
 * ```
 */
export function quote(words: string): string {
  const cut = words.length > quotedCharactersMax ? `${words.slice(0, quotedCharactersMax)}…` : words
  return `\`${onOneLine(cut).replaceAll('`', "'")}\``
}

/** A text without hidden characters and line breaks: they are spelt out. */
export function onOneLine(words: string): string {
  return words.replace(HIDDEN, spellOut)
}

function spellOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
