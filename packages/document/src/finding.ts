import { renderPlace } from './render-place.js'

/** A place in a text: line and column are 1-based; a column counts UTF-16 units, as editors do. */
export type Position = {
  readonly line: number
  readonly column: number
  /** In a document that was given as an object: the path of the key, which says it all. */
  readonly path?: string
}

/** One thing that is wrong with a document: where, what was found, and what would be right. */
export type Finding = Position & {
  readonly file: string
  /** Lower case, without a full stop, the document's words in backticks. */
  readonly message: string
  /** What is allowed, or the nearest name. */
  readonly hint: string
}

/** The start of every text. */
export const start: Position = { line: 1, column: 1 }

/**
 * `file:line:column: message`, or with the path of the key in their place, and the hint indented below. Whoever can make
 * files chooses their names: they are one line too.
 */
export function renderFinding(finding: Finding): string {
  const { file, message, hint } = finding
  const what = `${renderPlace(file, finding)}: ${message}`
  return hint === '' ? what : `${what}\n  ${hint}`
}
