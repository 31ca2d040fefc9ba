export { formatOf, type PolicyOptions, parsePolicy } from './document/parse-policy.js'
export {
  type Policy,
  type PolicyFormat,
  type PolicyLimits,
  policyFormats,
  type SharedRules,
} from './document/policy.js'
export { defaultForbidden, escapePath, forbidChanges, forbiddenMountRoot, forbidOwnDirectories } from './forbidden.js'
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
