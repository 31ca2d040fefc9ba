export { convertPolicy } from './document/convert-policy.js'
export {
  type ChangedLimit,
  type ChangedRule,
  type DiffRule,
  diffPolicies,
  type PolicyDiff,
  type RulesDiff,
} from './document/diff-policies.js'
export { type ConflictOptions, findConflicts } from './document/find-conflicts.js'
export { type JsonSchema, policyJsonSchema } from './document/json-schema.js'
export { formatOf, type PolicyOptions, parsePolicy } from './document/parse-policy.js'
export {
  type Policy,
  type PolicyFormat,
  type PolicyLimits,
  policyFormats,
  type SharedRules,
} from './document/policy.js'
export { renderPolicy } from './document/render-policy.js'
export { defaultForbidden, escapePath, forbidChanges, forbiddenMountRoot, forbidOwnDirectories } from './forbidden.js'
export { AccessTally, type Observed } from './recommend/access-tally.js'
export type { DeniedGroup } from './recommend/denied-groups.js'
export { type Generalisation, generalisations } from './recommend/generalisation.js'
export type { GrantDiff } from './recommend/grant-diff.js'
export { type AuditedAccess, type ObservedAccess, observedAccess } from './recommend/observed-access.js'
export type { PolicyRest } from './recommend/policy-text.js'
export { type PresentPolicy, type Recommendation, type RecommendInput, recommend } from './recommend/recommend.js'
export type { RecommendedLine } from './recommend/recommended-line.js'
export type { Wanted } from './recommend/sort-accesses.js'
export { type ChildGrant, type GrantWords, type OperatorGrant, OperatorGrants } from './registry/operator-grants.js'
export { checkPolicyKey, childPolicyKey, defaultPolicyKey, type PolicyKey } from './registry/policy-key.js'
export {
  type ChangeOptions,
  type ChangeResult,
  PolicyRegistry,
  type RegistryOptions,
} from './registry/policy-registry.js'
export {
  type PolicyFetcher,
  type PolicySource,
  readPolicySource,
  type SourceOptions,
} from './registry/policy-source.js'
export type {
  ChangedBy,
  PolicyDraft,
  PolicySignature,
  PolicySourceMark,
  PolicyText,
  PolicyVersion,
} from './registry/policy-version.js'
export type { Durations, RegistryMetrics } from './registry/registry-metrics.js'
export { Subjects } from './registry/subjects.js'
export { parseRoles, type RoleOptions } from './roles/parse-roles.js'
export type { RoleMembership, RoleOrigin, RoleRule, Roles } from './roles/roles.js'
export { type RoleLists, rolesFor } from './roles/roles-for.js'
