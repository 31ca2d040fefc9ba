/**
 * Parses JSON whose integers may be larger than a double holds: those come out as bigints.
 * @param {string} text
 */
export function parseExactJson(text) {
  const mark = '\u0001integer:'
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"\\u0001integer:${token}"`,
  )
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  )
}
