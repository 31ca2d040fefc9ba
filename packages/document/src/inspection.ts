import type { ErrorCode } from '@bulkhead/vocabulary'
import { DocumentError } from './document-error.js'
import { type Finding, type Position, renderFinding } from './finding.js'
import { findingsMax } from './limits.js'
import type { Where } from './places.js'
import type { KeyPath } from './toml-value.js'

/** What an inspection asks of the document that it looks at: its name, and where things stand in it. */
export type InspectedDocument = {
  readonly file: string
  readonly positionOf: (path: KeyPath, where?: Where) => Position
  readonly positionInText: (path: KeyPath, character: number) => Position
}

/**
 * Collects everything that is wrong with one document, so that its author sees it at once. Reading goes on after a finding;
 * whoever reads calls {@link Inspection.throwIfAny} before it hands anything out.
 */
export class Inspection {
  readonly document: InspectedDocument
  readonly #findings: Finding[] = []
  #uncounted = 0

  constructor(document: InspectedDocument) {
    this.document = document
  }

  /** A finding about the key or the value at a path. */
  report(path: KeyPath, message: string, hint: string, where: Where = 'value'): void {
    if (this.#isFull()) return
    this.#add(this.document.positionOf(path, where), message, hint)
  }

  /** A finding about one character (0-based, UTF-16 units) of the text at a path. */
  reportInText(path: KeyPath, character: number, message: string, hint: string): void {
    if (this.#isFull()) return
    this.#add(this.document.positionInText(path, character), message, hint)
  }

  /** A finding about a place that is known already. */
  reportAt(position: Position, message: string, hint: string): void {
    if (!this.#isFull()) this.#add(position, message, hint)
  }

  /**
   * @param code what the error is called; `document-invalid` unless said
   * @throws {DocumentError} with every finding, in the order of the text, when there is one.
   */
  throwIfAny(code?: ErrorCode): void {
    const [first, ...others] = this.#findings.sort((a, b) => a.line - b.line || a.column - b.column)
    if (first === undefined) return
    const last = others.at(-1) ?? first
    if (this.#uncounted > 0) {
      const hint = 'mend the first ones and look again'
      others.push({ ...last, message: `${this.#uncounted} more findings are not listed`, hint })
    }
    throw new DocumentError([first, ...others], code)
  }

  #isFull(): boolean {
    if (this.#findings.length < findingsMax) return false
    this.#uncounted++
    return true
  }

  #add(position: Position, message: string, hint: string): void {
    const finding = { file: this.document.file, ...position, message, hint }
    const rendered = renderFinding(finding)
    if (this.#findings.some((known) => renderFinding(known) === rendered)) return
    this.#findings.push(finding)
  }
}
