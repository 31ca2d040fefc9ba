import type { TransportTarget } from '@bulkhead/audit'
import type { KindDefinition } from '@bulkhead/capability'
import type { BuildProgress } from '@bulkhead/component'
import type { Finding } from '@bulkhead/document'
import type { TreeDocument } from '@bulkhead/manifest'
import type { PolicyFetcher } from '@bulkhead/policy'
import type { ChildView } from '@bulkhead/supervisors'
import type {
  Action,
  ApprovalState,
  ExitReport,
  HealthEvent,
  HealthEventOf,
  HealthEventType,
  Kind,
  Layer,
  TrustLevel,
  Usage,
} from '@bulkhead/vocabulary'
import type { AdministrationApi } from './administration/administration-api.js'
import type { CallApi } from './calls/call-api.js'
import type { DeskApi } from './desk-api.js'
import type { HealthApi } from './health/health-api.js'
import type { HttpCounters } from './http/http-counts.js'
import type { HttpAddress } from './http/http-server.js'
import type { IncidentReader } from './incidents/incident-files.js'
import type { IncidentCallback } from './incidents/incident-hooks.js'
import type { HostInterface } from './interfaces/host-interface.js'
import type { InterfaceFailure } from './interfaces/interface-channel.js'
import type { LadderApi } from './ladder-api.js'
import type { LiveApi } from './live/live-api.js'
import type { LogApi } from './logs/log-api.js'
import type { LogRecord } from './logs/log-record.js'
import type { MessageApi } from './message-api.js'
import type { HandlerFailure } from './messages/exchange-types.js'
import type { MessagesLeft } from './messages/message-center.js'
import type { MetricsApi } from './metrics/metrics-api.js'
import type { ReloadApi } from './reload/reload-api.js'
import type { GivenSecrets } from './secrets/secret-desk.js'
import type { UpgradeApi } from './upgrade/upgrade-api.js'

export type AuditOptions = {
  /**
   * Strict mode, as `audit = "strict"` in the tree: what a component may do, it does when the record of it is on the disk, and
   * while the journal makes no progress it may do nothing. Wants a state directory.
   */
  readonly strict?: boolean
  /**
   * A pino transport that gets each record too, as `[audit_transport]` in the tree: a package, `pino/file`, or a path from the
   * working directory, and what it is called with. The file stays the record; a transport that fails or is slow is told of
   * (`audit.transport-failed`) and waited for by nobody. Wants a state directory.
   */
  readonly transport?: TransportTarget
}

/** What {@link createRuntime} takes. Everything may be left out: then the runtime only serves `exec`. */
export type RuntimeOptions = {
  /** Path of a tree file (`bulkhead.toml`), or what would stand in it. Its children start before `createRuntime` resolves. */
  readonly tree?: string | TreeDocument
  /** From where the relative paths of a tree start that is given as an object. Default: the working directory. */
  readonly base?: string
  /** State directory: audit log, keys, lock. Default: the tree's `state`; without a tree there is none, and nothing is kept. */
  readonly state?: string
  /** How the audit log is kept, beside what the tree says. */
  readonly audit?: AuditOptions
  /**
   * An operator asks for the end of the process (`bulkhead shutdown`). The host application decides what that is to it; left
   * out: it is refused.
   */
  readonly onShutdown?: () => void
  /** Where adapted components are cached. Default: `$XDG_CACHE_HOME/bulkhead`, else `~/.cache/bulkhead`. */
  readonly cache?: string
  /** Where the tree answers HTTP requests, instead of where its file says: port 0 is one that is free. */
  readonly http?: { readonly listen?: string }
  /** Gives up the start of a tree while its components are still prepared; later it does nothing: call `stop`. */
  readonly signal?: AbortSignal
  /**
   * Dev mode (SPEC 6): components start without an approval; every check stays. Needs `dev_mode = true` in the trust document,
   * and is refused under `NODE_ENV=production`. Each bypass is on record.
   */
  readonly dev?: boolean
  /** Fetches policies that the tree names by `https:`; without it such a policy is refused, and its child denied everything. */
  readonly fetchPolicy?: PolicyFetcher
  /** Called while components are adapted and transpiled: once per phase. */
  readonly onProgress?: (progress: BuildProgress) => void
  /** Called for each health event from the first on; the same as `runtime.on('health', …)`, but not too late for the start. */
  readonly onHealth?: (event: HealthEvent) => void
  /** Called with each chunk that a child of the tree writes. */
  readonly onOutput?: (output: ChildOutput) => void
  /** Called with each denied access (probes apart) of a child of the tree. */
  readonly onDenied?: (denied: ChildDenied) => void
  /** Called with each line that a child of the tree writes, and each message that it logs. */
  readonly onLog?: (record: LogRecord) => void
  /**
   * Secrets of children of the tree, by child and name, beside those that the tree file names: `{ ingest: { API_KEY } }`. A
   * value goes to the child's worker, and nowhere else.
   */
  readonly secrets?: GivenSecrets
  /** The host application's own interfaces, which components may import: see {@link defineHostInterface}. */
  readonly interfaces?: readonly HostInterface[]
  /** Kinds of capabilities beside the built-in ones: they stand in manifests and policies like those (SPEC 17). */
  readonly kinds?: readonly KindDefinition[]
  /** Called with each call of such an interface in which the host application itself went wrong. */
  readonly onInterfaceFailed?: (failure: InterfaceFailure) => void
  /** Called with each error of a handler of messages. */
  readonly onHandlerFailed?: (failure: HandlerFailure) => void
  /** Called with each incident, once it is on the disk, beside the hooks of the tree file and under the same deadline. */
  readonly onIncident?: IncidentCallback
}

/** A mount as an option: a host path (mode `read`), or the whole form. */
export type MountOption =
  | string
  | { readonly host: string; readonly mode?: 'read' | 'write'; readonly hardlinks?: boolean }

/** What {@link Runtime.exec} takes. Absent means none: no files, no variables, no input. */
export type ExecOptions = {
  /** The whole argument vector, the program's name first. Default: the file's name. */
  readonly args?: readonly string[]
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Receives stdout as it comes; a returned promise is waited for (back-pressure). Then `result.stdout` stays empty. */
  readonly stdout?: (chunk: Uint8Array) => void | Promise<void>
  readonly stderr?: (chunk: Uint8Array) => void | Promise<void>
  /** Variables that the guest gets and may read. Never the host's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Guest path → host path. Mounts **and** grants (mode `write`: read, write, create, delete). */
  readonly mounts?: Readonly<Record<string, MountOption>>
  /** Guest path → host path. Only mounts: the mode is a ceiling, `allow` or a manifest grants. */
  readonly mountOnly?: Readonly<Record<string, MountOption>>
  /** Operator grants for this run: `KIND.ACTION=PATTERN`. */
  readonly allow?: readonly string[]
  /** Deny rules for this run: `KIND.ACTION=PATTERN`. They win over every grant. */
  readonly deny?: readonly string[]
  /** Path of a Component.toml whose capabilities and quotas apply. */
  readonly manifest?: string
  /** Path of a policy document, native or Wassette's. With a manifest both must allow; without one it decides alone. */
  readonly policy?: string
  /** Linear memory, `"64MiB"` or bytes. Default 64 MiB. */
  readonly memory?: string | number
  /** `"2s"` or milliseconds; none by default. */
  readonly deadline?: string | number
  readonly signal?: AbortSignal
  readonly onDenied?: (denied: DeniedAccess) => void
}

/** One access that was refused, with what would allow it. */
export type DeniedAccess = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly layer: Layer
  /** One line for people: which layer refused, and why. */
  readonly reason: string
  /** The flag of `bulkhead exec` that would allow it for one run; `null` where nothing would. */
  readonly allow: string | null
  /** The document lines that would allow it from now on. */
  readonly always: readonly string[]
  readonly count: number
}

/** One distinct access, granted or denied, probes apart. */
export type Access = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  readonly count: number
}

export type ExecResult = {
  /** What `bulkhead exec` would exit with: the guest's own code; 134 trap, 124 deadline, 137 killed. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: Uint8Array
  readonly stderrBytes: Uint8Array
  readonly denied: readonly DeniedAccess[]
  /** Look-ups of things that do not exist anywhere: refused too, but no violation (language start-up does dozens). */
  readonly probes: number
  /** Those look-ups, each distinct one once (at most 1,000). */
  readonly probed: readonly Access[]
  /** Every distinct access in the order of its first appearance (at most 10,000): what `--learn` writes down. */
  readonly accesses: readonly Access[]
  /** What the policy says and this version cannot enforce; nothing of it grants anything. */
  readonly warnings: readonly Finding[]
  readonly exit: ExitReport
  readonly usage: Usage
}

export type ChildOutput = { readonly child: string; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
export type ChildDenied = DeniedAccess & { readonly child: string; readonly incarnation: number }

/** How one child stands; `usage` sums all of its incarnations. */
export type ChildReport = ChildView & {
  /** The component as the tree file names it. */
  readonly component: string
  readonly trust: TrustLevel
  readonly approval: ApprovalState
}

export type RuntimeEvents = { readonly [Type in HealthEventType]: HealthEventOf<Type> } & {
  /** Each health event, whatever its type. */
  readonly health: HealthEvent
  readonly output: ChildOutput
  readonly denied: ChildDenied
  /** A line that a child wrote, or a message that it logged: `output` in records. */
  readonly log: LogRecord
  /** A handler of messages returned an error, threw or rejected: counted, told, and no crash. */
  readonly 'handler-failed': HandlerFailure
  /** A call of the host application's own interfaces in which it threw, or returned what is not of the type. */
  readonly 'interface-failed': InterfaceFailure
}

/** What the end of a runtime leaves. */
export type StopReport = { readonly messages: MessagesLeft }

/** How a tree ended by itself. */
export type Settlement = {
  /** Whether every child ended as its `expect` says (default `completed`). */
  readonly asExpected: boolean
  readonly children: readonly ChildReport[]
}

export type Runtime = DeskApi &
  MessageApi &
  LadderApi &
  AdministrationApi &
  LogApi &
  LiveApi &
  HealthApi &
  MetricsApi &
  CallApi &
  UpgradeApi &
  ReloadApi & {
    /**
     * Subscribes, to health events of one type by its name or to all of them, and to what else there is; the returned function
     * unsubscribes. A listener that throws is reported on stderr and never stops the runtime.
     *
     * @throws {BulkheadError} `usage` for a name that there is not
     * @example
     * ```ts
     * const unsubscribe = runtime.on('child.quarantined', ({ child, reason }) => page(child, reason))
     * ```
     */
    readonly on: <Name extends keyof RuntimeEvents>(
      name: Name,
      listener: (event: RuntimeEvents[Name]) => void,
    ) => () => void
    /** Runs one program once, in a worker of its own, with exactly what the options grant. */
    readonly exec: (file: string, options?: ExecOptions) => Promise<ExecResult>
    /** Resolves when every child of the tree has ended or reached its `expect`; never for a tree that runs until stopped. */
    readonly settled: Promise<Settlement>
    readonly children: () => readonly ChildReport[]
    /**
     * Resolves, with the reason, when this process can no longer keep its promises: too many threads that would not end, or
     * an audit journal that stalled for a minute. Stop and exit; `bulkhead run` exits with 5 for its outer supervisor.
     */
    readonly gaveUp: Promise<string>
    /** What was known when a child reached `process` or `quarantine`. */
    readonly incidents: IncidentReader
    /** Where HTTP requests are answered; `undefined` where the tree answers none. */
    readonly http: HttpAddress | undefined
    /** What became of the HTTP requests to a child, or to a member of a pool, since the runtime's start. */
    readonly httpCounters: (child: string) => HttpCounters
    /** The state directory in use, if any. */
    readonly stateDirectory: string | undefined
    /**
     * Stops children in reverse order, drains and seals the audit log, frees every thread. Idempotent.
     *
     * @returns what is left of messages: they do not outlive the process
     */
    readonly stop: () => Promise<StopReport>
    /** `stop`, for `await using runtime = await createRuntime(…)`. */
    readonly [Symbol.asyncDispose]: () => Promise<void>
  }
