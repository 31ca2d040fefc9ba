import { BulkheadError } from '@bulkhead/vocabulary'
import { witTextCharactersMax } from '../limits.js'

/** 1-based. */
export type WitPlace = { readonly line: number; readonly column: number }

/** A word, a sign or the end of the text, and where it stands (1-based). */
export type WitToken = {
  readonly kind: 'word' | 'sign' | 'end'
  readonly text: string
  readonly line: number
  readonly column: number
}

// Doc comments are comments; a version is one word with its `@`, since nothing else writes one.
const TOKEN =
  /(?<space>\s+|\/\/[^\n]*)|(?<open>\/\*)|(?<version>@\d[0-9A-Za-z.+-]*)|(?<word>%?[A-Za-z][0-9A-Za-z]*(?:-[0-9A-Za-z]+)*|\d[0-9A-Za-z.+-]*|_(?![0-9A-Za-z]))|(?<sign>->|[{}()<>,;:=./@*])/y

/**
 * The words and signs of a WIT document.
 *
 * @throws {BulkheadError} `interface-invalid` with line and column.
 */
export function witTokens(text: string): readonly WitToken[] {
  if (text.length > witTextCharactersMax) {
    throw new BulkheadError('interface-invalid', `the WIT has ${text.length} characters`, {
      hint: `at most ${witTextCharactersMax}`,
    })
  }
  const tokens: WitToken[] = []
  let at = 0
  let line = 1
  let lineFrom = 0
  const newLines = (until: number): void => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < until; next = text.indexOf('\n', next + 1)) {
      line += 1
      lineFrom = next + 1
    }
    at = until
  }
  while (at < text.length) {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(text)?.groups
    const column = at - lineFrom + 1
    if (groups === undefined) {
      throw notWit({ line, column }, `found \`${String.fromCodePoint(text.codePointAt(at) ?? 0)}\``)
    }
    if (groups['open'] !== undefined) {
      newLines(commentEnd(text, at, { line, column }))
      continue
    }
    const blank = groups['space']
    if (blank !== undefined) {
      newLines(at + blank.length)
      continue
    }
    const word = groups['version'] ?? groups['word']
    const found = word ?? groups['sign'] ?? ''
    tokens.push({ kind: word === undefined ? 'sign' : 'word', text: found, line, column })
    at += found.length
  }
  tokens.push({ kind: 'end', text: 'the end of the text', line, column: at - lineFrom + 1 })
  return tokens
}

/** @param place where it stands. */
export function notWit(place: WitPlace, message: string): BulkheadError {
  const { line, column } = place
  return new BulkheadError('interface-invalid', `the WIT, line ${line}, column ${column}: ${message}`, {
    details: { line, column },
  })
}

/** Block comments nest. */
function commentEnd(text: string, from: number, place: WitPlace): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) depth += 1
    else if (text.startsWith('*/', at)) depth -= 1
    else continue
    at += 1
    if (depth === 0) return at + 1
  }
  throw notWit(place, 'a comment that does not end')
}
