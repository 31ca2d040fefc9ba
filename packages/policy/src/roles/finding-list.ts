import { DocumentError, type Finding, findingsMax, type Position } from '@bulkhead/document'

/** Collects everything that is wrong with one role file, at most `findingsMax` of it in full. */
export class FindingList {
  readonly #file: string
  readonly #findings: Finding[] = []
  #cycles = 0
  #uncounted = 0

  constructor(file: string) {
    this.#file = file
  }

  add({ line, column }: Position, message: string, hint: string): void {
    if (this.#findings.length < findingsMax) this.#findings.push({ file: this.#file, line, column, message, hint })
    else this.#uncounted++
  }

  addCycle(position: Position, message: string, hint: string): void {
    this.#cycles++
    this.add(position, message, hint)
  }

  /**
   * @throws {DocumentError} with every finding, in the order of the text; `role-cycle` when there is nothing wrong but cycles,
   *   else `document-invalid`.
   */
  throwIfAny(): void {
    const findings = this.#findings.sort((a, b) => a.line - b.line || a.column - b.column)
    const last = findings.at(-1)
    if (last === undefined) return
    if (this.#uncounted > 0) {
      const message = `${this.#uncounted} more findings are not listed`
      findings.push({ ...last, message, hint: 'mend the first ones and look again' })
    }
    throw new DocumentError(findings, this.#cycles === findings.length ? 'role-cycle' : 'document-invalid')
  }
}
