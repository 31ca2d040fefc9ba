import { checkPattern, type Grant } from '@bulkhead/capability'
import { quote } from '@bulkhead/document'
import type { Action, RuleOrigin } from '@bulkhead/vocabulary'
import type { z } from 'zod'
import { type CustomIssue, customIssue, patternIssue } from './custom-issue.js'
import { type NetworkRule, type ProtocolWord, protocolWords, type Side } from './wassette-words.js'

const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@]*)(.*)$/i
const trailingPort = /^(.*[^:]|\[.*\]):(\d{1,5})$/

/** What a rule's `host` or `cidr` says: whom, and what else a URL adds. */
type Target = { readonly host: string; readonly protocol?: ProtocolWord; readonly port?: string }

/** One of `host` and `cidr`, in the grammar of network patterns. */
export function checkNetworkRule(side: Side): z.core.CheckFn<NetworkRule> {
  return ({ value, issues }) => {
    const named = (['host', 'cidr', 'defaults'] as const).filter((key) => value[key] !== undefined)
    if (named.length !== 1) {
      const message = named.length === 0 ? 'the rule names nobody' : `the rule has both \`${named.join('` and `')}\``
      issues.push(customIssue(value, message, 'write `host` or `cidr`, one of them'))
    } else if (value.defaults !== undefined) {
      if (side === 'allow') return
      issues.push(customIssue(value, '`defaults` names no host', 'write each host that is meant'))
    } else if (value.cidr !== undefined) {
      issues.push(...cidrIssues(value.cidr))
    } else {
      issues.push(...hostIssues(value))
    }
  }
}

function hostIssues(rule: NetworkRule): readonly (CustomIssue & { readonly path: string[] })[] {
  const host = rule.host ?? ''
  const at = (message: string, hint: string) => [{ ...customIssue(host, message, hint), path: ['host'] }]
  const target = targetOf(rule)
  if (typeof target === 'string') return at(`${quote(host)} ${target}`, 'write a name, `*.name`, an address or `*`')
  if (target.host.includes('/')) return at(`${quote(host)} is a block of addresses`, 'write it as `cidr`')
  if (target.protocol !== undefined && rule.protocols?.some((word) => word !== target.protocol)) {
    return at(`${quote(host)} says another protocol than \`protocols\``, 'say it in one place')
  }
  if (target.port !== undefined && rule.ports !== undefined) {
    return at(`${quote(host)} says a port beside \`ports\``, 'say it in one place')
  }
  return grammarIssues({ host }, host, 'host')
}

function cidrIssues(cidr: string): readonly (CustomIssue & { readonly path: string[] })[] {
  if (!cidr.includes('/')) {
    const hint = 'write `/` and the number of leading bits: `10.0.0.0/8`; one address is a `host`'
    return [{ ...customIssue(cidr, `${quote(cidr)} is not a block of addresses`, hint), path: ['cidr'] }]
  }
  return grammarIssues({ cidr }, cidr, 'cidr')
}

function grammarIssues(rule: NetworkRule, written: string, key: 'host' | 'cidr') {
  const [pattern = ''] = patternsOf(rule, 'allow')
  try {
    checkPattern(pattern, { kind: 'network', action: 'connect', port: 'optional' })
  } catch (error) {
    return [{ ...patternIssue(error, written, shiftOf(rule, written, pattern)), path: [key] }]
  }
  return []
}

/** How much further right the host stands in what is written than in the pattern: `tcp://` goes, a bracket comes. */
function shiftOf(rule: NetworkRule, written: string, pattern: string): number {
  const target = targetOf(rule)
  const host = typeof target === 'string' ? '' : target.host.replace(/^\[|\].*$/g, '')
  return written.indexOf(host) - pattern.indexOf(host)
}

/** Whom a rule means, or what is wrong with the URL that stands there. Wassette takes URLs for the host in them. */
function targetOf({ host, cidr }: NetworkRule): Target | string {
  if (cidr !== undefined) return { host: bracketed(cidr) }
  const [, scheme, authority, rest = ''] = url.exec(host ?? '') ?? []
  const protocol = protocolWords.find((word) => word === scheme?.toLowerCase())
  if (scheme !== undefined && protocol === undefined) return 'has an unknown protocol'
  if (rest !== '' && rest !== '/') return 'holds more than a host: paths are not told apart'
  const [, name, port] = trailingPort.exec(authority ?? host ?? '') ?? []
  const whom = name !== undefined && (!name.includes(':') || name.endsWith(']')) ? name : (authority ?? host ?? '')
  return {
    host: bracketed(whom),
    ...(protocol === undefined ? {} : { protocol }),
    ...(whom === name && port !== undefined ? { port } : {}),
  }
}

/** IPv6 stands in brackets in our patterns. */
function bracketed(host: string): string {
  if (!host.includes(':') || host.startsWith('[')) return host
  const slash = host.indexOf('/')
  return slash === -1 ? `[${host}]` : `[${host.slice(0, slash)}]${host.slice(slash)}`
}

/** Whoever denies the URL of a page means its host: over another protocol it would be as near. */
function protocolsOf({ protocols }: NetworkRule, { protocol }: Target, side: Side): readonly ProtocolWord[] {
  if (protocols !== undefined) return protocols
  const isPage = protocol === 'http' || protocol === 'https'
  return protocol === undefined || (isPage && side === 'deny') ? ['tcp', 'udp'] : [protocol]
}

/** The patterns that a rule means: each protocol with each port. */
function patternsOf(rule: NetworkRule, side: Side): readonly string[] {
  const target = targetOf(rule)
  if (typeof target === 'string') return []
  const ports = rule.ports?.map(String) ?? [target.port ?? '*']
  const protocols = protocolsOf(rule, target, side)
  const patterns = [...new Set(protocols)].flatMap((protocol) =>
    ports.map((port) => `${protocol === 'tcp' ? '' : `${protocol}://`}${target.host}:${port}`),
  )
  return [...new Set(patterns)]
}

/**
 * The rules that a network rule means. Denying a host on every port and protocol denies looking it up as well: a name can
 * carry data.
 */
export function networkGrants(rule: NetworkRule, side: Side, origin: RuleOrigin): readonly Grant[] {
  if (rule.defaults !== undefined) return []
  const grant = (action: Action, pattern: string): Grant => ({ kind: 'network', action, pattern, origin })
  const connects = patternsOf(rule, side).map((pattern) => grant('connect', pattern))
  const target = targetOf(rule)
  if (side === 'allow' || rule.host === undefined || typeof target === 'string') return connects
  const isWhole = rule.ports === undefined && target.port === undefined
  const isAny = rule.protocols === undefined && protocolsOf(rule, target, side).length > 1
  return isWhole && isAny ? [...connects, grant('resolve', target.host)] : connects
}
