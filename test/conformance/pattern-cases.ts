import { readFileSync } from 'node:fs'
import { PatternError } from '@bulkhead/capability'

/** One line of a case file: what a pattern says of a candidate, or that it is no pattern at all. */
export type PatternCase = {
  readonly id: string
  readonly pattern: string
  readonly candidate: string
  readonly expect: boolean | 'invalid-pattern'
  readonly why: string
  /** How long compiling and matching may take, in milliseconds. */
  readonly maxMs?: number
}

type Compile = (source: string) => { readonly matches: (candidate: string) => boolean }

/** Reads `cases/<file>`; `field` is the name of the candidate's field there. */
export function readCases(file: string, field: 'path' | 'host' | 'name'): PatternCase[] {
  const lines: unknown = JSON.parse(readFileSync(new URL(`./cases/${file}`, import.meta.url), 'utf8'))
  if (!Array.isArray(lines) || lines.length === 0) throw new Error(`${file} holds no cases`)
  return lines.map((line) => ({ ...line, candidate: line[field] }))
}

/** What really happened, in the words of `PatternCase.expect`. Errors other than `PatternError` are ours and pass through. */
export function outcomeOf(compile: Compile, { pattern, candidate }: PatternCase): PatternCase['expect'] {
  try {
    return compile(pattern).matches(candidate)
  } catch (thrown) {
    if (thrown instanceof PatternError) return 'invalid-pattern'
    throw thrown
  }
}
