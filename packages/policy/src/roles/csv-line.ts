/**
 * One field of a line. `columnOf` says where a character of its text (0-based, UTF-16 units; its length is the place behind
 * the last one) stands in the line, quotes counted: 1-based.
 */
export type CsvField = { readonly text: string; readonly columnOf: (character: number) => number }

export type CsvLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'fields'; readonly fields: readonly CsvField[] }
  | { readonly kind: 'broken'; readonly column: number; readonly message: string }

const comma = ','
const quote = '"'

/**
 * Reads one line as casbin reads it: fields between commas, spaces and tabs around them dropped; a field in double quotes
 * may hold commas, and quotes written twice; a line whose first character is `#` is a comment. What casbin's reader guesses
 * at is refused: a quote inside a bare field, text behind a closing quote, a quote that is never closed. Parentheses mean
 * nothing here, because no matcher is ever evaluated.
 */
export function readCsvLine(line: string): CsvLine {
  const first = skipSpace(line, 0)
  if (first === line.length || line[first] === '#') return { kind: 'blank' }
  const fields: CsvField[] = []
  for (let at = first; ; ) {
    const start = skipSpace(line, at)
    const read = line[start] === quote ? readQuoted(line, start) : readBare(line, start)
    if ('message' in read) return { kind: 'broken', ...read }
    fields.push(read.field)
    if (read.end === line.length) return { kind: 'fields', fields }
    at = read.end + 1
  }
}

type Read = { readonly field: CsvField; readonly end: number } | { readonly column: number; readonly message: string }

function readBare(line: string, start: number): Read {
  const next = line.indexOf(comma, start)
  const end = next === -1 ? line.length : next
  const text = trimSpaceEnd(line.slice(start, end))
  const stray = text.indexOf(quote)
  if (stray !== -1) return { column: start + stray + 1, message: 'a quote stands inside a field without quotes' }
  return { field: { text, columnOf: (character) => start + character + 1 }, end }
}

function readQuoted(line: string, start: number): Read {
  /** Where each character of the text stands. */
  const places: number[] = []
  let text = ''
  let at = start + 1
  for (; at < line.length; at++) {
    if (line[at] === quote) {
      if (line[at + 1] !== quote) break
      at++
    }
    text += line[at]
    places.push(at)
  }
  if (at >= line.length) return { column: start + 1, message: 'the quote is never closed' }
  const end = skipSpace(line, at + 1)
  if (end !== line.length && line[end] !== comma) {
    return { column: end + 1, message: 'there is text behind the closing quote' }
  }
  places.push(at)
  return { field: { text, columnOf: (character) => (places[character] ?? at) + 1 }, end }
}

function skipSpace(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function trimSpaceEnd(text: string): string {
  let end = text.length
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--
  return text.slice(0, end)
}
