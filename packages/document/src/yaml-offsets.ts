// The counterpart of string-offsets.ts for YAML: escapes and doubled quotes take more room than what they stand for.

const ESCAPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/**
 * The offset in the source of a YAML scalar, quotes included, of the character at `decoded` (UTF-16 units) of its value.
 * A scalar of several lines is folded by rules that nobody wants twice: it answers with its start.
 *
 * @example
 * ```ts
 * yamlSourceOffset("'it''s'", 3) // 5: the quote, `i`, `t` and the doubled quote stand before `s`
 * ```
 */
export function yamlSourceOffset(source: string, decoded: number): number {
  if (source.includes('\n')) return 0
  const quoteMark = source[0]
  if (quoteMark !== '"' && quoteMark !== "'") return Math.min(decoded, source.length)
  const end = source.length - 1
  let offset = 1
  for (let left = decoded; offset < end && left > 0; ) {
    const step = stepAt(source, offset, quoteMark)
    if (step.decoded > left) break
    left -= step.decoded
    offset += step.source
  }
  return Math.min(offset, end)
}

function stepAt(source: string, offset: number, quoteMark: string): { source: number; decoded: number } {
  if (quoteMark === "'") return { source: source[offset] === "'" ? 2 : 1, decoded: 1 }
  if (source[offset] !== '\\') return { source: 1, decoded: 1 }
  const digits = ESCAPE_DIGITS.get(source[offset + 1] ?? '') ?? 0
  const code = Number.parseInt(source.slice(offset + 2, offset + 2 + digits), 16)
  return { source: 2 + digits, decoded: code > 0xffff ? 2 : 1 }
}
