/** Why a value is not of its type, or cannot be sent. `where` leads to the part: `contact.phones[3]`. */
export class ValueProblem extends Error {
  /** `size`: it is of its type, and larger than it may be. */
  readonly kind: 'type' | 'size'
  readonly where: string

  constructor(kind: 'type' | 'size', where: string, message: string) {
    super(`\`${where}\`: ${message}`)
    this.name = 'ValueProblem'
    this.kind = kind
    this.where = where
  }
}
