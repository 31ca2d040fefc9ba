import { describeType, didYouMean, type Inspection, type KeyPath, quote, type Where } from '@bulkhead/document'
import type { z } from 'zod'
import type { CustomIssue } from './custom-issue.js'
import { describeAt, keysAt } from './schema-paths.js'

// zod says which part of a document is not of its form; its words are for programmers. Here they become findings with the
// place, what was found, and what the schema's own descriptions say is right.

/** A document's value, as TOML or YAML gave it. */
export type DocumentValue = Parameters<typeof describeType>[0]

/** One thing that is wrong: where in the document, and what. */
type Problem = {
  readonly path: KeyPath
  readonly message: string
  readonly hint: string
  readonly where?: Where | undefined
  /** Which character of the text at the path is wrong. */
  readonly character?: number | undefined
}

/** Reports each issue at its place in the document. */
export function reportIssues(
  inspection: Inspection,
  schema: z.ZodType,
  value: DocumentValue,
  issues: readonly z.core.$ZodIssue[],
): void {
  const problems = issues.flatMap((issue) => problemsOf(issue, [], { schema, value }))
  for (const { path, message, hint, where, character } of problems) {
    if (character === undefined) inspection.report(path, message, hint, where)
    else inspection.reportInText(path, character, message, hint)
  }
}

type Subject = { readonly schema: z.ZodType; readonly value: DocumentValue }

/** @param outer where the union that the issue belongs to stands: its issues have paths of their own */
function problemsOf(issue: z.core.$ZodIssue, outer: KeyPath, subject: Subject): readonly Problem[] {
  const path = [...outer, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
  const found = valueAt(subject.value, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, path, subject)
    case 'invalid_union':
      return problemsOfUnion(issue.errors, path, subject)
    case 'invalid_value':
      if (typeof found !== 'string') return wrongType(path, subject)
      return [{ path, message: `${quote(found)} is not known here`, hint: didYouMean(found, issue.values.map(String)) }]
    case 'too_small':
      return [{ path, ...tooSmall(found, describeAt(subject.schema, path), issue.minimum) }]
    case 'too_big':
      return [{ path, ...tooBig(found, describeAt(subject.schema, path), issue.maximum) }]
    case 'custom':
      return [ours(path, found, issue.message, issue.params as CustomIssue['params'])]
    default:
      return wrongType(path, subject)
  }
}

function unknownKeys(keys: readonly string[], path: KeyPath, { schema }: Subject): readonly Problem[] {
  const known = keysAt(schema, path)
  return keys.map((key) => ({
    path: [...path, key],
    message: `unknown key ${quote(key)}`,
    hint: didYouMean(key, known),
    where: 'key',
  }))
}

/** Of the forms that a value may have, the one that was meant: it is of its type, and something inside is wrong. */
function problemsOfUnion(
  forms: readonly (readonly z.core.$ZodIssue[])[],
  path: KeyPath,
  subject: Subject,
): readonly Problem[] {
  const meant = forms.find((issues) => issues.every(({ path, code }) => path.length > 0 || code !== 'invalid_type'))
  return meant === undefined ? wrongType(path, subject) : meant.flatMap((issue) => problemsOf(issue, path, subject))
}

function wrongType(path: KeyPath, { schema, value }: Subject): readonly Problem[] {
  const found = valueAt(value, path)
  const expected = describeAt(schema, path)
  if (found !== undefined) {
    const message = `${describeType(found)} stands where ${expected} belongs`
    return [{ path, message, hint: `write ${expected}` }]
  }
  const key = String(path.at(-1))
  const message = `\`${key}\` is missing`
  return [{ path: path.slice(0, -1), message, hint: `add \`${key}\`: ${expected}`, where: 'key' }]
}

/** Text has no least length in these schemas: lists and numbers have. */
function tooSmall(found: DocumentValue | undefined, expected: string, minimum: number | bigint) {
  return Array.isArray(found)
    ? { message: 'the list is empty', hint: `write ${expected}, or leave the key out` }
    : { message: `${String(found)} is out of range`, hint: `at least ${minimum}` }
}

function tooBig(found: DocumentValue | undefined, expected: string, maximum: number | bigint) {
  if (Array.isArray(found)) {
    return { message: `a list of ${found.length} is too long`, hint: `at most ${maximum} in one list` }
  }
  return typeof found === 'string'
    ? { message: `${expected} of ${found.length} characters is too long`, hint: `at most ${maximum} characters` }
    : { message: `${String(found)} is out of range`, hint: `at most ${maximum}` }
}

function ours(
  path: KeyPath,
  found: DocumentValue | undefined,
  message: string,
  params: CustomIssue['params'],
): Problem {
  const { hint, character, where } = params
  if (character === undefined) return { path, message, hint, where }
  return { path, message: `in the pattern ${quote(String(found))}: ${message}`, hint, character }
}

function valueAt(value: DocumentValue, path: KeyPath): DocumentValue | undefined {
  let at: DocumentValue | undefined = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    // A list and a table are read alike once the key is known to be their own.
    at = (at as { readonly [key: string | number]: DocumentValue })[key]
  }
  return at
}
