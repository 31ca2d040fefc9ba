import { exactBytes } from '../document/exact-units.js'
import type { Policy } from '../document/policy.js'
import { quotedText } from '../document/quoted-text.js'
import { renderPolicy } from '../document/render-policy.js'
import type { RecommendedLine } from './recommended-line.js'

/** What of a policy stays when what it allows is replaced. */
export type PolicyRest = Pick<Policy, 'description' | 'deny' | 'limits' | 'shared'>

/**
 * The recommended policy as a native document, above each pattern why it is there. Description, deny rules, limits and
 * shared rules of the policy in force stay.
 *
 * @param lines in the order of the document
 */
export function policyText(lines: readonly RecommendedLine[], rest: PolicyRest | undefined): string {
  const empty: Policy = { file: '', format: 'native', allow: [], deny: [], limits: {}, warnings: [] }
  const { description, deny = [], limits = {}, shared } = rest ?? {}
  const sections = [
    description === undefined ? '' : renderPolicy({ ...empty, description }),
    `[allow]\n${allowText(lines)}`,
    renderPolicy({ ...empty, deny, limits, ...(shared !== undefined && { shared }) }),
  ]
  return sections.filter((text) => text !== '').join('\n')
}

function allowText(lines: readonly RecommendedLine[]): string {
  if (lines.length === 0) return '# nothing was used\n'
  let text = ''
  let open = ''
  for (const { grant, reason, confidence } of lines) {
    const key = `${grant.kind}.${grant.action}`
    if (key !== open) text += `${open === '' ? '' : ']\n'}${key} = [\n`
    open = key
    text += `  # ${reason}; confidence ${confidence}\n  ${ruleText(grant)},\n`
  }
  return `${text}]\n`
}

function ruleText({ pattern, limits }: RecommendedLine['grant']): string {
  const { maxFileSizeBytes, connections } = limits ?? {}
  const bounds = [
    ...(maxFileSizeBytes === undefined ? [] : [`max_file_size = ${quotedText(exactBytes(maxFileSizeBytes))}`]),
    ...(connections === undefined ? [] : [`connections = ${connections}`]),
  ]
  return bounds.length === 0 ? quotedText(pattern) : `{ ${[`pattern = ${quotedText(pattern)}`, ...bounds].join(', ')} }`
}
