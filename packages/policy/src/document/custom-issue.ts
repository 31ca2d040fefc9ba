import { PatternError } from '@bulkhead/capability'

/** What a check of ours hands to zod, and what `reportIssues` makes a finding of. */
export type CustomIssue = {
  readonly code: 'custom'
  readonly message: string
  readonly input: unknown
  /** The value is of its type: zod goes on, and a union knows which of its forms was meant. */
  readonly continue: true
  readonly params: { readonly hint: string; readonly character?: number; readonly where?: 'key' }
}

/** An issue of our own: the message says what was found, the hint what would be right. */
export function customIssue(
  input: unknown,
  message: string,
  hint: string,
  where: Omit<CustomIssue['params'], 'hint'> = {},
): CustomIssue {
  return { code: 'custom', message, input, continue: true, params: { hint, ...where } }
}

/**
 * What a pattern's grammar found wrong, as an issue that points at the character.
 *
 * @param shift how much further right the pattern's characters stand in the text as it was written
 * @throws whatever is not a `PatternError`
 */
export function patternIssue(error: unknown, input: string, shift = 0): CustomIssue {
  if (!(error instanceof PatternError)) throw error
  const character = Math.min(Math.max(error.position + shift, 0), input.length)
  return customIssue(input, error.message, error.hint ?? '', { character })
}
