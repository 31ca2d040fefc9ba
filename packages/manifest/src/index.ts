export { type DraftRequest, draftManifest, type ManifestDraft } from './draft-manifest.js'
export type { InjectionSpec } from './http-injections.js'
export type { HttpSpec, RouteSpec } from './http-spec.js'
export {
  defaultQuotas,
  intensityDefault,
  overcommitDefault,
  shutdownMsDefault,
  stateDirectoryDefault,
} from './limits.js'
export { type ListenAddress, parseListen } from './listen-address.js'
export { type ComponentHeader, type ComponentKind, componentKinds, type Manifest } from './manifest.js'
export { manifestDigest } from './manifest-digest.js'
export { type ChildEntry, parseChild } from './parse-child.js'
export { parseManifest } from './parse-manifest.js'
export { parseTree, parseTreeObject } from './parse-tree.js'
export { isRemotePolicy } from './policy-location.js'
export type { Quotas } from './quotas.js'
export {
  type AuditTransportSpec,
  type AutoShutdown,
  type ChildDefaults,
  type ChildSpec,
  type Delivery,
  deliveries,
  type Expectation,
  expectations,
  type IncidentHooks,
  type Lifetime,
  type MountSpec,
  type PlainValue,
  type Profile,
  type Restart,
  restarts,
  type SecretSpec,
  type SharedPolicySpec,
  type Strategy,
  type SupervisorSpec,
  strategies,
  type Tree,
  type Wall,
  walls,
} from './tree.js'
export type {
  ChildDocument,
  MountDocument,
  QuotasDocument,
  SupervisorDocument,
  SupervisorSettings,
  TemplateDocument,
  TreeDocument,
} from './tree-document.js'
