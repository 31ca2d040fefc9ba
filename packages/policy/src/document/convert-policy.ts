import type { Finding } from '@bulkhead/document'
import type { Policy, PolicyFormat } from './policy.js'
import { renderPolicy } from './render-policy.js'
import { renderWassettePolicy } from './render-wassette.js'

/**
 * A policy in the other format. To native TOML everything goes, and what the document warned of stands on top as comments.
 * To Wassette's YAML goes what it has words for; the result means the same when Bulkhead reads it.
 *
 * @throws {DocumentError} `policy-validation-failed`, listing every rule that Wassette's format cannot say
 */
export function convertPolicy(policy: Policy, to: PolicyFormat): string {
  if (to === 'wassette') return renderWassettePolicy(policy)
  return `${policy.warnings.map(comment).join('')}${renderPolicy(policy)}`
}

/** Messages are quoted by whoever made them; a comment ends with its line. */
function comment({ line, message, hint }: Finding): string {
  return `# line ${line}: ${message}; ${hint}\n`
}
