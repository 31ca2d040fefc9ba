// Requests, decisions and access records (SPEC 2 and 11): the nouns that the capability check, the guard, the audit
// journal and every report share.

/** What a request is about. Custom kinds join with host applications' own interfaces. */
export const kinds = ['filesystem', 'network', 'storage', 'messaging', 'environment', 'process'] as const
export type Kind = (typeof kinds)[number]

/** The actions of each kind, in the order in which documents list them. */
export const actionsByKind = {
  filesystem: ['read', 'write', 'create', 'delete', 'execute'],
  network: ['connect', 'bind', 'resolve'],
  storage: ['read', 'write', 'delete'],
  messaging: ['publish', 'subscribe', 'request'],
  environment: ['read'],
  process: ['spawn'],
} as const satisfies Record<Kind, readonly string[]>
export type Action = (typeof actionsByKind)[Kind][number]

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

/** The answer to a request: never a bare boolean. `rule` is absent when no rule matched. */
export type Decision =
  | { readonly verdict: 'granted'; readonly layer: Layer; readonly rule: Rule }
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
