// Requests, decisions and access records (SPEC 2 and 11): the nouns that the capability check, the guard, the audit
// journal and every report share.

declare const custom: unique symbol

/** The kinds that every Bulkhead has. */
export const kinds = ['filesystem', 'network', 'storage', 'messaging', 'environment', 'process'] as const
export type BuiltinKind = (typeof kinds)[number]
/** The kinds that checks are counted by: those of host applications are counted together. */
export const countedKinds = [...kinds, 'custom'] as const
/** A kind that a host application registered beside its own interfaces (SPEC 17). Minted where it is registered. */
export type CustomKind = string & { readonly [custom]: 'kind' }
/** What a request is about. */
export type Kind = BuiltinKind | CustomKind

/** The actions of each kind, in the order in which documents list them. */
export const actionsByKind = {
  filesystem: ['read', 'write', 'create', 'delete', 'execute'],
  network: ['connect', 'bind', 'resolve'],
  storage: ['read', 'write', 'delete'],
  messaging: ['publish', 'subscribe', 'request'],
  environment: ['read'],
  process: ['spawn'],
} as const satisfies Record<BuiltinKind, readonly string[]>
export type BuiltinAction = (typeof actionsByKind)[BuiltinKind][number]
/** An action of a custom kind. */
export type CustomAction = string & { readonly [custom]: 'action' }
export type Action = BuiltinAction | CustomAction

/** The actions of a built-in kind; none for a custom one, whose actions only its registration knows. */
export function builtinActionsOf(kind: Kind): readonly BuiltinAction[] {
  return isBuiltinKind(kind) ? actionsByKind[kind] : []
}

export function isBuiltinKind(kind: string): kind is BuiltinKind {
  return (kinds as readonly string[]).includes(kind)
}

/** One question to the capability check. `resource` is canonical for its kind (SPEC 2). */
export type Request = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  /** The host file behind a `filesystem` resource, for the forbidden list; absent where nothing is mounted. */
  readonly hostPath?: string
}

/** The first layer that refused, or `manifest`/`operator`… for the layer whose rule granted. */
export const layers = [
  'forbidden',
  'deny',
  'manifest',
  'approval',
  'policy',
  'operator',
  'ceiling',
  'reduction',
  'role',
  'mount',
  'os',
  'quota',
  'error',
] as const
export type Layer = (typeof layers)[number]

/** Where a rule stands: the document that it was read from (or the flag or API that made it) and its line, 1-based. */
export type RuleOrigin = { readonly document: string; readonly line?: number; readonly column?: number }

/** The rule that decided: its pattern as written and where it stands. */
export type Rule = { readonly pattern: string; readonly origin: RuleOrigin }

/** Bounds that a rule puts on what it allows (SPEC 5). Absent means none; zero means zero. */
export type GrantLimits = {
  /** The largest size that a file may be given, in bytes. */
  readonly maxFileSizeBytes?: number
  /** Connections open at once. */
  readonly connections?: number
}

/** The answer to a request: never a bare boolean. `rule` is absent when no rule matched. */
export type Decision =
  | { readonly verdict: 'granted'; readonly layer: Layer; readonly rule: Rule; readonly limits?: GrantLimits }
  | { readonly verdict: 'denied'; readonly layer: Layer; readonly rule?: Rule; readonly reason: string }

/** What the guard records of one decision (or of a run of identical ones). Identity comes from the channel, not from here. */
export type AccessRecord = {
  /** Monotonic nanoseconds since the runtime's origin. */
  readonly at: bigint
  readonly policyVersion: number
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  readonly layer: Layer
  readonly rule?: string
  readonly reason?: string
  /** How many identical decisions this record stands for; at least 1. */
  readonly count: number
  /**
   * Set on a denied read-only look-up: the host path whose absence would make it a probe (SPEC 2.3). The journal, which
   * the guest does not wait for, looks and sets `probe`.
   */
  readonly probeHostPath?: string
}
