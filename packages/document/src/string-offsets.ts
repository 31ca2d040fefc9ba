// A finding inside a string ("the pattern is wrong at character 6") is made on the decoded text; the operator looks at the
// source, where an escape takes more room than the character that it stands for. This file walks both at once.

const ESCAPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/**
 * The offset in the source of a TOML string, quotes included, of the character at `decoded` (UTF-16 units) of its value.
 * One past the end answers with the closing quote.
 *
 * @example
 * ```ts
 * sourceOffset('"a\\tb"', 2) // 4: the quote, `a` and the escape stand before `b`
 * ```
 */
export function sourceOffset(source: string, decoded: number): number {
  const quoteMark = source.slice(0, 1)
  const multiline = source.startsWith(quoteMark.repeat(3)) && source.length >= 6
  let offset = multiline ? 3 : 1
  const end = source.length - offset
  if (multiline) offset += lineBreakAt(source, offset)
  for (let left = decoded; offset < end; ) {
    const step = stepAt(source, offset, quoteMark === '"')
    if (step.decoded > left || (step.decoded > 0 && left === 0)) break
    left -= step.decoded
    offset += step.source
  }
  return Math.min(offset, end)
}

type Step = { readonly source: number; readonly decoded: number }

function stepAt(source: string, offset: number, escapes: boolean): Step {
  if (!escapes || source[offset] !== '\\') return { source: 1, decoded: 1 }
  const digits = ESCAPE_DIGITS.get(source[offset + 1] ?? '')
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(offset + 2, offset + 2 + digits), 16)
    return { source: 2 + digits, decoded: code > 0xffff ? 2 : 1 }
  }
  const lineEnd = /\\[ \t]*\r?\n[ \t\r\n]*/y
  lineEnd.lastIndex = offset
  const trimmed = lineEnd.exec(source)
  return trimmed === null ? { source: 2, decoded: 1 } : { source: trimmed[0].length, decoded: 0 }
}

function lineBreakAt(source: string, offset: number): number {
  if (source.startsWith('\r\n', offset)) return 2
  return source[offset] === '\n' ? 1 : 0
}
