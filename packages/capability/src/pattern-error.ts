import { BulkheadError } from '@bulkhead/vocabulary'

export type PatternProblem = {
  readonly source: string
  /** Where the first offending character stands in `source`: 0-based, in UTF-16 units. */
  readonly position: number
  readonly hint: string
}

/** A pattern that does not follow its grammar (SPEC 3). Its `position` points at the character that is wrong. */
export class PatternError extends BulkheadError {
  readonly source: string
  readonly position: number

  constructor(message: string, problem: PatternProblem) {
    super('document-invalid', message, {
      details: { source: problem.source, position: problem.position },
      hint: problem.hint,
    })
    this.source = problem.source
    this.position = problem.position
  }
}
