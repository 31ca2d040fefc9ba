import { PatternError } from './pattern-error.js'

/** Unicode category Cc: C0, DEL and C1. */
export function isControl(codePoint: number): boolean {
  return codePoint < 0x20 || (codePoint >= 0x7f && codePoint <= 0x9f)
}

/** Of a code point as `codePointAt` gives it: a surrogate there is one without its partner. */
export function isLoneSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff
}

/** How many UTF-16 units a code point takes. */
export function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1
}

/** Unicode White_Space, and U+FEFF, which JavaScript counts to it. */
export function isWhiteSpace(codePoint: number): boolean {
  if (codePoint === 0x20 || (codePoint >= 0x09 && codePoint <= 0x0d)) return true
  if (codePoint < 0x85) return false
  if (codePoint >= 0x2000 && codePoint <= 0x200a) return true
  return [0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff].includes(codePoint)
}

export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** The code points of a text that `candidate` rules of names forbid: control characters and lone surrogates. */
export function holdsUnprintable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isControl(unit)) return true
    if (unit < 0xd800 || unit > 0xdfff) continue
    const codePoint = text.codePointAt(at) ?? 0
    if (isLoneSurrogate(codePoint)) return true
    at += 1
  }
  return false
}

/** What every grammar asks of a pattern: not empty, not too long, no control characters, no lone surrogates. */
export function checkPatternText(source: string, bytesMax: number): void {
  if (source.length === 0) {
    throw new PatternError('the pattern is empty', { source, position: 0, hint: 'leave it out to grant nothing' })
  }
  let bytes = 0
  for (let at = 0; at < source.length; ) {
    const codePoint = source.codePointAt(at) ?? 0
    if (isControl(codePoint)) {
      throw new PatternError(`the pattern holds the control character ${codeName(codePoint)}`, {
        source,
        position: at,
        hint: 'control characters are not allowed in patterns',
      })
    }
    if (isLoneSurrogate(codePoint)) {
      throw new PatternError(`the pattern holds the lone surrogate ${codeName(codePoint)}`, {
        source,
        position: at,
        hint: 'write whole Unicode characters',
      })
    }
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
    if (bytes > bytesMax) {
      throw new PatternError(`the pattern is longer than ${bytesMax} bytes`, {
        source,
        position: at,
        hint: 'use a shorter pattern with a wildcard',
      })
    }
    at += unitsOf(codePoint)
  }
}

function codeName(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}
