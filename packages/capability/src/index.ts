export { CapabilitySet, type Permission } from './capability-set.js'
export { type CapabilityTable, compileTable, type TableSpec } from './capability-table.js'
export { checkPattern, type PatternUse } from './check-pattern.js'
export type { CompiledPattern } from './compiled-pattern.js'
export { Decider, type DeciderMetrics } from './decider.js'
export { compileEnvironmentPattern } from './environment-pattern.js'
export { type ExplainedStep, explainRequest, type RequestExplanation } from './explain-request.js'
export type { ForbiddenRule, Grant, PlainRule } from './grant.js'
export { findCovering, findRefusing, type RuleContext } from './grant-cover.js'
export { findGap, type GrantGap } from './grant-gap.js'
export {
  type HostCandidate,
  type HostIdentity,
  type Protocol,
  parseHostCandidate,
  protocols,
} from './host-candidate.js'
export { compileHostPattern, hostPatternMatches, hostRuleMatches } from './host-pattern.js'
export { type IpAddress, inBlock, parseIpv4, parseIpv6 } from './ip-address.js'
export {
  actionNamed,
  actionsOf,
  defineKinds,
  type KindCatalogue,
  type KindDefinition,
  type KindGrammar,
  kindGrammars,
  kindNamed,
  kindsOf,
  noCustomKinds,
  type RegisteredKind,
} from './kind-catalogue.js'
export { literalHostsOnly } from './literal-hosts.js'
export { compileNamespacePattern } from './namespace-pattern.js'
export { type Capability, parseCapability, parseRequest } from './parse-capability.js'
export { type HostRule, type ParsedHostPattern, type PortRule, parseHostPattern } from './parsed-host-pattern.js'
export { compilePathPattern } from './path-pattern.js'
export { allowedActions, type FileAction, type FilePlace, leadsToGrant, sameBelow } from './path-questions.js'
export { PatternError } from './pattern-error.js'
export {
  compileTopicPattern,
  isTopic,
  type ParsedTopicPattern,
  parseTopicPattern,
  topicCovers,
} from './topic-pattern.js'
