import { DocumentError } from './document-error.js'
import { type Position, start } from './finding.js'
import { LineIndex } from './line-index.js'

export type TextSource = { readonly file: string; readonly bytesMax: number }

/**
 * The text of a document: at most `bytesMax` bytes of well-formed UTF-8 without a byte order mark. Its size is judged
 * before anything else looks at it.
 *
 * @throws {DocumentError} with the place of the first byte or character that is wrong.
 */
export function decodeText(document: string | Uint8Array, source: TextSource): string {
  const bytes = typeof document === 'string' ? byteLength(document, source.bytesMax) : document.byteLength
  if (bytes > source.bytesMax) {
    throw refusal(source, start, 'the document is too large', `a document has at most ${source.bytesMax} bytes`)
  }
  const text = typeof document === 'string' ? document : decodeUtf8(document, source)
  const bad = /\p{Cs}|\uFEFF/u.exec(text)
  if (bad === null) return text
  const position = new LineIndex(text).position(bad.index)
  if (bad[0] === '\uFEFF') {
    throw refusal(
      source,
      position,
      'the document holds a byte order mark',
      'save the file as UTF-8 without a byte order mark',
    )
  }
  throw refusal(source, position, 'the document holds half of a surrogate pair', 'a document is well-formed Unicode')
}

/** Counts no further than it must: a string has at least as many bytes as UTF-16 units. */
function byteLength(text: string, bytesMax: number): number {
  return text.length > bytesMax ? text.length : new TextEncoder().encode(text).byteLength
}

function decodeUtf8(bytes: Uint8Array, source: TextSource): string {
  const text = tryDecode(bytes, false)
  if (text !== undefined) return text
  const sound = tryDecode(bytes.subarray(0, firstBadByte(bytes)), true) ?? ''
  const position = new LineIndex(sound).position(sound.length)
  throw refusal(source, position, 'the document is not UTF-8', 'save the file as UTF-8 without a byte order mark')
}

/** The length of the longest prefix that may still become UTF-8, found by halving: validity of prefixes is monotonic. */
function firstBadByte(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.byteLength
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (tryDecode(bytes.subarray(0, middle), true) === undefined) high = middle - 1
    else low = middle
  }
  return low
}

function tryDecode(bytes: Uint8Array, incomplete: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: incomplete })
  } catch {
    return undefined
  }
}

function refusal(source: TextSource, position: Position, message: string, hint: string): DocumentError {
  return new DocumentError([{ file: source.file, ...position, message, hint }])
}
