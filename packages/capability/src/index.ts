export { CapabilitySet } from './capability-set.js'
export { type CapabilityTable, compileTable, type TableSpec } from './capability-table.js'
export type { CompiledPattern } from './compiled-pattern.js'
export { Decider } from './decider.js'
export { compileEnvironmentPattern } from './environment-pattern.js'
export type { ForbiddenRule, Grant } from './grant.js'
export {
  type HostCandidate,
  type HostIdentity,
  type Protocol,
  parseHostCandidate,
  protocols,
} from './host-candidate.js'
export { compileHostPattern, hostPatternMatches, hostRuleMatches } from './host-pattern.js'
export { type IpAddress, inBlock, parseIpv4, parseIpv6 } from './ip-address.js'
export { compileNamespacePattern } from './namespace-pattern.js'
export { type HostRule, type ParsedHostPattern, type PortRule, parseHostPattern } from './parsed-host-pattern.js'
export { compilePathPattern } from './path-pattern.js'
export { allowedActions, type FileAction, type FilePlace, leadsToGrant, sameBelow } from './path-questions.js'
export { PatternError } from './pattern-error.js'
export { compileTopicPattern, isTopic } from './topic-pattern.js'
