import type { Finding } from '@bulkhead/document'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { uncut } from '../wording.js'

/** One warning of a document, with its place, and the hint below. */
export function renderWarning({ file, line, column, message, hint }: Finding, paint: Paint): readonly string[] {
  const head = `${printable(file)}:${line}:${column}: ${paint('yellow', 'warning:')} ${uncut(message)}`
  return hint === '' ? [head] : [head, `  ${uncut(hint)}`]
}
