import type { Grant } from '@bulkhead/capability'
import type { KeyPath, YamlDocument } from '@bulkhead/document'
import type { RuleOrigin } from '@bulkhead/vocabulary'
import { networkGrants } from './wassette-network.js'
import { pathPatternOf, storageGrants } from './wassette-resources.js'
import type { WassetteRules } from './wassette-schema.js'
import type { Warnings } from './wassette-warnings.js'
import type { Side } from './wassette-words.js'

/** What a document allows and denies. */
export type WassetteSides = { readonly allow: readonly Grant[]; readonly deny: readonly Grant[] }

/** The rules of `permissions` or `shared_permissions`, in our words. */
export function wassetteSides(
  rules: WassetteRules,
  path: KeyPath,
  yaml: YamlDocument,
  warnings: Warnings,
): WassetteSides {
  const side = (name: Side) => withoutRepeats(sideOf(rules, name, path, yaml, warnings), warnings)
  return { allow: side('allow'), deny: side('deny') }
}

function sideOf(
  rules: WassetteRules,
  side: Side,
  path: KeyPath,
  yaml: YamlDocument,
  warnings: Warnings,
): readonly Grant[] {
  const originOf = (inner: KeyPath): RuleOrigin => ({ document: yaml.file, ...yaml.positionOf([...path, ...inner]) })
  const storage = (rules.storage?.[side] ?? []).flatMap((rule, index) => {
    const at = ['storage', side, index, 'uri']
    if (pathPatternOf(rule.uri) === undefined) warnings.addNoFiles([...path, ...at], rule.uri)
    return storageGrants(rule, originOf(at))
  })
  const network = (rules.network?.[side] ?? []).flatMap((rule, index) => {
    const key = rule.cidr === undefined ? 'host' : 'cidr'
    if (rule.defaults !== undefined) warnings.addDefaults([...path, 'network', side, index, 'defaults'])
    return networkGrants(rule, side, originOf(['network', side, index, key]))
  })
  const environment = (rules.environment?.[side] ?? []).map(({ key }, index): Grant => {
    const origin = originOf(['environment', side, index, 'key'])
    return { kind: 'environment', action: 'read', pattern: key, origin }
  })
  return [...storage, ...network, ...environment]
}

/** Wassette does not mind a rule that stands twice, nor do we: the first counts. */
function withoutRepeats(grants: readonly Grant[], warnings: Warnings): readonly Grant[] {
  const seen = new Map<string, Grant>()
  for (const grant of grants) {
    const { kind, action, pattern } = grant
    const key = `${kind}.${action}=${pattern}`
    const first = seen.get(key)
    if (first === undefined) seen.set(key, grant)
    else warnings.addRepeat(grant.origin, pattern, first.origin.line)
  }
  return [...seen.values()]
}
