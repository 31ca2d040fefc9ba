import type { CompiledPattern } from './compiled-pattern.js'
import { type HostCandidate, type HostIdentity, type Protocol, parseHostCandidate } from './host-candidate.js'
import { inBlock } from './ip-address.js'
import { type HostRule, type ParsedHostPattern, parseHostPattern } from './parsed-host-pattern.js'

/**
 * A network pattern (SPEC 3.2): `[protocol://]host[:port]`; an absent port means any. Candidates are `host`, `host:port`
 * (which mean `tcp`) or `protocol://host:port`. A candidate without a port matches only a pattern that takes every port.
 *
 * @throws {PatternError} with the `position` of the part that is wrong.
 * @example
 * ```ts
 * const pattern = compileHostPattern('*.example.com:443')
 * pattern.matches('api.example.com:443') // true
 * pattern.matches('example.com:443') // false: never the apex
 * ```
 */
export function compileHostPattern(source: string): CompiledPattern {
  const parsed = parseHostPattern(source)
  return {
    source,
    matches: (candidate) => {
      const parsedCandidate = parseHostCandidate(candidate)
      return parsedCandidate !== undefined && hostPatternMatches(parsed, parsedCandidate)
    },
  }
}

/** Whether the pattern covers protocol, host and port of the candidate. */
export function hostPatternMatches(pattern: ParsedHostPattern, candidate: HostCandidate): boolean {
  const { from, to } = pattern.port
  const portFits =
    candidate.port === undefined ? from === 1 && to === 65_535 : from <= candidate.port && candidate.port <= to
  return (
    portFits && protocolCovers(pattern.protocol, candidate.protocol) && hostRuleMatches(pattern.host, candidate.host)
  )
}

/** Whether the rule names this host, whatever the protocol and port: what `resolve` asks. */
export function hostRuleMatches(rule: HostRule, host: HostIdentity): boolean {
  switch (rule.kind) {
    case 'any':
      return true
    case 'name':
      return host.kind === 'name' && host.name === rule.name
    case 'suffix':
      return host.kind === 'name' && host.name.length > rule.suffix.length && host.name.endsWith(rule.suffix)
    case 'block':
      return host.kind !== 'name' && inBlock(rule.base, rule.prefix, host)
  }
}

/** Whether everything that `narrow` covers is covered by `wide`. Sound. */
export function hostPatternCovers(wide: ParsedHostPattern, narrow: ParsedHostPattern): boolean {
  return (
    protocolCovers(wide.protocol, narrow.protocol) &&
    wide.port.from <= narrow.port.from &&
    narrow.port.to <= wide.port.to &&
    hostRuleCovers(wide.host, narrow.host)
  )
}

/** `tcp` covers what runs over it. */
function protocolCovers(wide: Protocol, narrow: Protocol): boolean {
  return wide === narrow || (wide === 'tcp' && narrow !== 'udp')
}

export function hostRuleCovers(wide: HostRule, narrow: HostRule): boolean {
  if (wide.kind === 'any') return true
  switch (narrow.kind) {
    case 'any':
      return false
    case 'name':
      return hostRuleMatches(wide, narrow)
    case 'suffix':
      return wide.kind === 'suffix' && narrow.suffix.endsWith(wide.suffix)
    case 'block':
      return wide.kind === 'block' && wide.prefix <= narrow.prefix && inBlock(wide.base, wide.prefix, narrow.base)
  }
}
