import { BulkheadError, type ErrorCode } from '@bulkhead/vocabulary'
import { type Finding, renderFinding } from './finding.js'
import { onOneLine } from './quote.js'

/**
 * A document that is not what it should be: all that was found, in the order of the text. Its details carry the findings
 * and the place of the first, so that they survive the crossing of a thread or process border.
 *
 * @example
 * ```ts
 * try {
 *   parseManifest(text, { file: 'Component.toml' })
 * } catch (error) {
 *   if (error instanceof DocumentError) for (const { line, message } of error.findings) console.error(line, message)
 * }
 * ```
 */
export class DocumentError extends BulkheadError {
  readonly findings: readonly Finding[]

  /**
   * @param findings at least one; messages and hints are made safe for a terminal and a log, one line each.
   * @param code `document-invalid`, unless whoever reads this kind of document has codes of its own for it
   */
  constructor(findings: readonly Finding[], code: ErrorCode = 'document-invalid') {
    const plain = findings.map((finding) =>
      Object.freeze({ ...finding, message: onOneLine(finding.message), hint: onOneLine(finding.hint) }),
    )
    const [first] = plain
    if (first === undefined) throw new TypeError('a document error needs a finding')
    const { file, line, column, path } = first
    const place = path === undefined ? { file, line, column } : { file, path }
    super(code, plain.map(renderFinding).join('\n'), { details: { ...place, findings: plain } })
    this.findings = Object.freeze(plain)
  }
}
