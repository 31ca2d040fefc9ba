import { DocumentError } from '@bulkhead/document'
import { parsePolicy } from './parse-policy.js'
import type { Policy } from './policy.js'

/** `line:column message` of each finding, and the code of the error. */
export function findingsOf(
  text: string | Uint8Array,
  file: string,
): { code: string; findings: string[]; hints: string[] } {
  try {
    parsePolicy(text, { file })
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    const findings = error.findings.map((one) => `${one.line}:${one.column} ${one.message}`)
    return { code: error.code, findings, hints: error.findings.map(({ hint }) => hint) }
  }
  return { code: 'accepted', findings: [], hints: [] }
}

/** What a policy allows and denies, without where it stands. */
export function rulesOf({ allow, deny }: Pick<Policy, 'allow' | 'deny'>): readonly string[] {
  const text = (sign: string, rules: Policy['allow']) =>
    rules.map(
      ({ kind, action, pattern, limits }) =>
        `${sign}${kind}.${action} ${pattern}${limits === undefined ? '' : ` ${JSON.stringify(limits)}`}`,
    )
  return [...text('+', allow), ...text('-', deny)]
}
