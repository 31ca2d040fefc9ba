import type { KeyPath, Position, Where } from '@bulkhead/document'
import type { Digest } from '@bulkhead/vocabulary'
import type { InjectionSpec } from './http-injections.js'
import type { HttpSpec } from './http-spec.js'
import type { ComponentKind } from './manifest.js'
import type { Quotas } from './quotas.js'

export const strategies = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
export type Strategy = (typeof strategies)[number]

export const profiles = ['default', 'otp'] as const
/** `otp`: Erlang's own rules, one budget that all children share, no backoff, no ladder. */
export type Profile = (typeof profiles)[number]

export const autoShutdowns = ['never', 'any_significant', 'all_significant'] as const
/** After the end of which significant children a supervisor ends itself. */
export type AutoShutdown = (typeof autoShutdowns)[number]

export const walls = ['bubblewrap'] as const
/** What can hold a process apart from the host, besides our own code. */
export type Wall = (typeof walls)[number]

export const restarts = ['permanent', 'transient', 'temporary'] as const
/** When a child is started again: always, after a fault, never. */
export type Restart = (typeof restarts)[number]

export const expectations = ['completed', 'failed', 'quarantined'] as const
/** How a child's story is to end. */
export type Expectation = (typeof expectations)[number]

export const deliveries = ['once', 'redeliver'] as const
/** What becomes of the message that was in processing at a crash (SPEC 10). */
export type Delivery = (typeof deliveries)[number]

/**
 * How long an instance of a component lives: as long as the tree; until it was without work for so long, and then again
 * from the next message on; or for one call or message.
 */
export type Lifetime =
  | { readonly kind: 'forever' }
  | { readonly kind: 'idle'; readonly afterMs: number }
  | { readonly kind: 'call' }

/** A host file or directory in the guest's name space. It grants nothing: its mode is a ceiling. */
export type MountSpec = {
  /** Canonical absolute path in the guest. */
  readonly guestPath: string
  /** Absolute; not looked at. Of scratch a path that says what it is, and that nobody has. */
  readonly hostPath: string
  readonly mode: 'read' | 'write'
  /** Whether files with more than one hard link may be written. */
  readonly hardlinks: boolean
  /** Whether its file system may be one of another machine. */
  readonly networkFs?: boolean
  /** An empty directory of its own for each incarnation, which may hold so many bytes. */
  readonly scratchBytes?: number
  readonly at: Position
}

/** A secret that the operator gives a child: where it is read, at each start. */
export type SecretSpec = {
  readonly name: string
  /** Absolute; not looked at. */
  readonly file: string
  readonly at: Position
}

export type ChildSpec = {
  readonly kind: 'child'
  /** The name of its table, after `tenant/` where it belongs to one: the principal. */
  readonly id: string
  /** Where its table stands, for `Tree.positionOf`. */
  readonly path: KeyPath
  readonly tenant?: string
  /** As written: a path relative to the tree's directory, or `npm:…`. */
  readonly component: string
  readonly componentKind?: ComponentKind
  /** Absolute path of the manifest, where the tree names one. */
  readonly manifest?: string
  /** Digests that the operator approves in place: the component's, then its manifest's where it has one (SPEC 6). */
  readonly approved?: readonly Digest[]
  /** Where the child's policy comes from: an absolute path or an `https:` URL. */
  readonly policy?: string
  /** The child's own, or its supervisor's default; absent: by the component's kind. */
  readonly restart?: Restart
  readonly expect?: Expectation
  /** The child's own id; of a pool those of its members, `<id>-1` and so on. */
  readonly memberIds: readonly string[]
  readonly delivery: Delivery
  readonly args: readonly string[]
  /** Variables that the tree sets. */
  readonly env: { readonly [name: string]: string }
  /** Names of host variables that the child gets; none of them is in `env`. */
  readonly inherit: readonly string[]
  readonly mounts: readonly MountSpec[]
  /** What `wasi:config` gives. */
  readonly config: { readonly [name: string]: string }
  /** What it gives besides, by name alone; none of them is in `config`. */
  readonly secrets: readonly SecretSpec[]
  /** Header fields that the host adds to its HTTP requests. */
  readonly injections: readonly InjectionSpec[]
  readonly deadlineMs?: number
  /** They only narrow what the manifest says. */
  readonly quotas?: Quotas
  /** The most that the supervisors above it let any child have; of several the narrowest. */
  readonly ceiling?: Quotas
  readonly shutdownMs: number
  readonly lifetime: Lifetime
  /** Whether its own end may end its supervisor (`auto_shutdown`). */
  readonly significant: boolean
  /** Whether its supervisor ends when it is trusted and cannot be kept up; else it is quarantined like any other. */
  readonly trustedEscalates: boolean
  readonly at: Position
}

/** What a supervisor says for those of its children that say nothing themselves. */
export type ChildDefaults = {
  readonly restart: Restart | undefined
  readonly shutdownMs: number
  readonly tenant: string | undefined
  readonly ceiling: Quotas | undefined
  readonly autoShutdown: AutoShutdown
}

export type SupervisorSpec = {
  readonly kind: 'supervisor'
  readonly name: string
  readonly path: KeyPath
  readonly tenant?: string
  readonly strategy: Strategy
  readonly profile: Profile
  readonly autoShutdown: AutoShutdown
  readonly significant: boolean
  readonly intensity: { readonly restarts: number; readonly withinMs: number }
  /** The supervisor's own below another one; the root's are the defaults of its children. */
  readonly restart?: Restart
  /** `infinity`: as long as the children's own times take. */
  readonly shutdownMs: number | 'infinity'
  /** What all below it together may use; absent: no limit of its own. */
  readonly quotas?: Pick<Quotas, 'messages'>
  readonly childrenMax: number
  /** For its children, those that come later too. */
  readonly defaults: ChildDefaults
  /** How each member of a pool is made: such a supervisor has no other children, and none at first. */
  readonly template?: ChildSpec
  /** Children and supervisors, in start order: the order of the file. */
  readonly children: readonly (ChildSpec | SupervisorSpec)[]
  readonly at: Position
}

/** A policy that several components share (SPEC 5); the document names them. */
export type SharedPolicySpec = {
  readonly name: string
  /** An absolute path or an `https:` URL. */
  readonly policy: string
  readonly at: Position
}

/** What happens, besides the record of it, when a child reaches `process` or `quarantine`. */
export type IncidentHooks = {
  /** A program and its arguments, which is given the record on its standard input. */
  readonly command?: readonly string[]
  readonly topic?: string
  readonly deadlineMs: number
}

export type PlainValue = string | number | boolean | readonly PlainValue[] | { readonly [name: string]: PlainValue }

export type AuditTransportSpec = {
  /** A package, or the path of a module that starts in the tree's folder. */
  readonly target: string
  /** What it is called with. */
  readonly options: { readonly [name: string]: PlainValue }
}

/** A checked, deep-frozen tree file. */
export type Tree = {
  /** The document's name as it was given; of a tree that a program gave as an object, `tree object`. */
  readonly file: string
  readonly source: 'file' | 'object'
  /** Absolute path of the folder that the file stands in, or that the program named: relative paths start here. */
  readonly directory: string
  /** Absolute. */
  readonly stateDirectory: string
  /** Absolute path of `trust.toml`, where the tree names one. */
  readonly trust?: string
  /** Absolute path of the role file, where the tree names one. */
  readonly roles?: string
  /** In the order of the file. */
  readonly shared: readonly SharedPolicySpec[]
  readonly audit: 'normal' | 'strict'
  /** Who gets the audit records beside the file, where the tree names one. */
  readonly auditTransport?: AuditTransportSpec
  /** How far admission may promise more memory than there is (SPEC 12). */
  readonly overcommit: number
  /** Without these the tree does not start. */
  readonly requireWalls: readonly Wall[]
  /** `weak`: a process without walls counts as the rung `process`, for children without files. */
  readonly processRung: 'strong' | 'weak'
  /** By how much all times of supervision are divided: for demonstrations and tests. */
  readonly timeScale: number
  readonly incidents?: IncidentHooks
  /** Absent: it answers no HTTP requests. */
  readonly http?: HttpSpec
  readonly root: SupervisorSpec
  /** Where a key or value of the file stands: `positionOf(['children', 'ingest', 'component'])`. */
  readonly positionOf: (path: KeyPath, where?: Where) => Position
}
