// Ranges of East Asian wide and emoji characters, and of combining marks: enough to align a table, not a Unicode library.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const ZERO_WIDTH = /\p{Mn}|\p{Me}|[\u200b-\u200f]/u
const SGR = /\u001b\[[0-9;]*m/g

/** How many columns of a terminal the text takes; colour codes take none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replace(SGR, '')) {
    if (ZERO_WIDTH.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}

/** Cuts text without colour codes to a width in columns, and says so with an ellipsis. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (displayWidth(kept + character) > columns - 1) break
    kept += character
  }
  return columns < 1 ? '' : `${kept}…`
}

/** Pads with spaces at the end to a width in columns; longer text stays as it is. */
export function padEndToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

/** Pads with spaces at the start to a width in columns. */
export function padStartToWidth(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text
}
