import type { Grant } from '@bulkhead/capability'
import { DocumentError, type Finding, quote } from '@bulkhead/document'
import { exactMemory } from './exact-units.js'
import { portsPerRuleMax } from './limits.js'
import type { Policy } from './policy.js'
import { quotedText } from './quoted-text.js'
import { type WassetteWords, wassetteWordsOf } from './wassette-from-grants.js'
import type { NetworkRule } from './wassette-words.js'

/**
 * A policy as a Wassette document, version 1.0, or 2.0 when it is shared.
 *
 * @throws {DocumentError} `policy-validation-failed`, listing every rule that the format cannot say
 */
export function renderWassettePolicy(policy: Policy): string {
  const own = sidesOf(policy)
  const shared = policy.shared === undefined ? undefined : sidesOf(policy.shared)
  const unsaid = [own, shared].flatMap((sides) => [...(sides?.allow.unsaid ?? []), ...(sides?.deny.unsaid ?? [])])
  const findings = [...unsaid.map(unsaidRule), ...unsaidLimits(policy)]
  if (findings.length > 0) throw new DocumentError(findings, 'policy-validation-failed')

  const rules = [...rulesLines(own, '  '), ...limitLines(policy)]
  const sharedLines = shared === undefined ? [] : rulesLines(shared, '  ')
  return `${[
    `version: ${shared === undefined ? '"1.0"' : '"2.0"'}`,
    ...(policy.description === undefined ? [] : [`description: ${quotedText(policy.description)}`]),
    ...(rules.length === 0 ? ['permissions: {}'] : ['permissions:', ...rules]),
    ...(policy.shared === undefined ? [] : ['scope: workflow', `components: ${flow(policy.shared.components)}`]),
    ...(shared === undefined ? [] : [`shared_permissions:${sharedLines.length === 0 ? ' {}' : ''}`, ...sharedLines]),
  ].join('\n')}\n`
}

type Sides = { readonly allow: WassetteWords; readonly deny: WassetteWords }

function sidesOf({ allow, deny }: { readonly allow: readonly Grant[]; readonly deny: readonly Grant[] }): Sides {
  return { allow: wassetteWordsOf(allow, 'allow'), deny: wassetteWordsOf(deny, 'deny') }
}

function unsaidRule({ kind, action, pattern, origin, limits }: Grant): Finding {
  const { document: file, line = 1, column = 1 } = origin
  const what = limits === undefined ? '' : ' with its limit'
  const message = `Wassette's format has no words for \`${kind}.${action}\` of ${quote(pattern)}${what}`
  return { file, line, column, message, hint: 'keep this policy in native TOML, or remove the rule' }
}

function unsaidLimits({ file, limits }: Policy): readonly Finding[] {
  const { memoryBytes, deadlineMs, handles } = limits
  const names = [
    ...(memoryBytes === 0 ? ['memory = "0B"'] : []),
    ...(deadlineMs === undefined ? [] : ['deadline']),
    ...(handles === undefined ? [] : ['handles']),
  ]
  const hint = 'keep this policy in native TOML, or remove the limit'
  return names.map((name) => ({
    file,
    line: 1,
    column: 1,
    message: `Wassette's format has no words for the limit \`${name}\``,
    hint,
  }))
}

function rulesLines({ allow, deny }: Sides, indent: string): readonly string[] {
  const sides = { allow, deny }
  const section = (name: string, itemsOf: (words: WassetteWords) => readonly string[]): readonly string[] => {
    const lists = Object.entries(sides).flatMap(([side, words]) => {
      const items = itemsOf(words)
      return items.length === 0 ? [] : [`${indent}  ${side}:`, ...items.map((item) => `${indent}    - ${item}`)]
    })
    return lists.length === 0 ? [] : [`${indent}${name}:`, ...lists]
  }
  return [
    ...section('storage', ({ storage }) =>
      storage.map(({ uri, access }) => `{ uri: ${quotedText(uri)}, access: ${flow(access)} }`),
    ),
    ...section('network', ({ network }) => network.flatMap(splitPorts).map(networkItem)),
    ...section('environment', ({ environment }) => environment.map(({ key }) => `{ key: ${quotedText(key)} }`)),
  ]
}

/** As many rules as the bound on ports of one rule asks for. */
function splitPorts(rule: NetworkRule): readonly NetworkRule[] {
  const { ports } = rule
  if (ports === undefined) return [rule]
  const starts = ports.flatMap((_, index) => (index % portsPerRuleMax === 0 ? [index] : []))
  return starts.map((start) => ({ ...rule, ports: ports.slice(start, start + portsPerRuleMax) }))
}

function networkItem({ host, cidr, ports, protocols }: NetworkRule): string {
  const keys = [
    ...(host === undefined ? [] : [`host: ${quotedText(host)}`]),
    ...(cidr === undefined ? [] : [`cidr: ${quotedText(cidr)}`]),
    ...(ports === undefined ? [] : [`ports: [${ports.join(', ')}]`]),
    ...(protocols === undefined ? [] : [`protocols: ${flow(protocols)}`]),
  ]
  return `{ ${keys.join(', ')} }`
}

function limitLines({ limits: { memoryBytes, cpuPercent } }: Policy): readonly string[] {
  const lines = [
    ...(cpuPercent === undefined ? [] : [`      cpu: ${quotedText(`${cpuPercent * 10}m`)}`]),
    ...(memoryBytes === undefined ? [] : [`      memory: ${quotedText(exactMemory(memoryBytes))}`]),
  ]
  return lines.length === 0 ? [] : ['  resources:', '    limits:', ...lines]
}

function flow(words: readonly string[]): string {
  return `[${words.map(quotedText).join(', ')}]`
}
