// `runtime.exec`: one program, once. Its options are operator grants for this run (SPEC 6); nothing is asked.

import { basename, resolve } from 'node:path'
import type { Grant, KindCatalogue } from '@bulkhead/capability'
import { type ComponentBuilder, resolveComponent } from '@bulkhead/component'
import { type Manifest, parseManifest } from '@bulkhead/manifest'
import type { Policy } from '@bulkhead/policy'
import {
  type ContextMount,
  contextLimits,
  type Documents,
  joinContext,
  type MountRequest,
  missingRequirements,
  mountOf,
  type NarrowedLimits,
  narrowLimits,
  type SecurityContext,
  surveyMounts,
} from '@bulkhead/security-context'
import { BulkheadError, type LogLine } from '@bulkhead/vocabulary'
import { Emitter } from './emitter.js'
import { OutputCapture } from './output-capture.js'
import {
  grantsOfMounts,
  parseDeadline,
  parseEnvironment,
  parseGrant,
  parseMemory,
  parseMounts,
} from './parse-options.js'
import { mountsOfPolicy } from './policy-mounts.js'
import type { Protection } from './protection.js'
import { readDocument } from './read-document.js'
import { type Engine, startRun } from './run-actor.js'
import { serviceQuotas } from './services/service-quotas.js'
import type { DeniedAccess, ExecOptions, ExecResult } from './types.js'

export type ExecPowers = {
  readonly engine: Engine
  readonly builder: ComponentBuilder
  readonly protection: Protection
}

type ExecDocuments = {
  readonly manifest: Manifest | undefined
  readonly policy: Policy | undefined
  readonly limits: NarrowedLimits
}

/** The id under which a run of `exec` appears in the audit log. */
const principal = 'exec'

export async function exec(reference: string, options: ExecOptions, powers: ExecPowers): Promise<ExecResult> {
  const { signal } = options
  signal?.throwIfAborted()
  const { kinds } = powers.engine
  const manifest = options.manifest === undefined ? undefined : readManifest(options.manifest, kinds)
  const policy =
    options.policy === undefined
      ? undefined
      : await readPolicy(options.policy, manifest?.component.id ?? principal, kinds)
  const limits = limitsOf(options, manifest, policy)
  const memoryBytesMax = limits.memoryBytes.value
  const file = resolveComponent(reference, { from: process.cwd() })
  const context = execContext(file, options, { manifest, policy, limits }, powers)
  const documents = documentsOf(manifest, policy)
  refuseWhatIsMissing(context, documents)
  const component = await powers.builder.prepare(
    { file },
    signal === undefined ? { memoryBytesMax } : { memoryBytesMax, signal },
  )
  signal?.throwIfAborted()

  const stdout = new OutputCapture(options.stdout, () => tooMuch('stdout'))
  const stderr = new OutputCapture(options.stderr, () => tooMuch('stderr'))
  // Told in the middle of what the journal reports: a listener that throws there must not end the process.
  const listeners = new Emitter<{ denied: DeniedAccess }>()
  if (options.onDenied !== undefined) listeners.on('denied', options.onDenied)
  const { actor, collector } = startRun(
    {
      component,
      context,
      documents,
      // Its options are the operator's own word.
      standing: { trust: 'unknown', approval: 'approved' },
      incarnation: 1,
      // No child of a tree is called so: it shares nothing with any.
      services: { owner: `exec:${context.table.componentId}`, scope: 'exec:', quotas: serviceQuotas(limits) },
      deadlineMs: limits.deadlineMs?.value,
      stdin: inputOf(options.stdin),
      stdout: (chunk) => stdout.take(chunk),
      stderr: (chunk) => stderr.take(chunk),
      logs: (line) => stderr.take(asText(line)),
      reportGranted: true,
      onDenied: (denied) => listeners.emit('denied', denied),
    },
    powers.engine,
  )
  function tooMuch(stream: string): void {
    void actor.killBecause({
      kind: 'exceeded',
      message: `wrote more to ${stream} than is captured: hand a consumer instead`,
    })
  }
  const abort = (): void => void actor.kill()
  signal?.addEventListener('abort', abort, { once: true })
  const exit = await actor.exited
  signal?.removeEventListener('abort', abort)

  return {
    exitCode: exit.commandExitCode,
    stdout: stdout.text,
    stderr: stderr.text,
    stdoutBytes: stdout.bytes,
    stderrBytes: stderr.bytes,
    denied: collector.denied,
    probes: collector.probes,
    probed: collector.probed,
    accesses: collector.accesses,
    warnings: policy?.warnings ?? [],
    exit,
    usage: exit.usage,
  }
}

/** What a program logs stands on its stderr, where nobody keeps logs: `warn db: slow`. */
function asText({ level, context, message }: LogLine): Uint8Array {
  return new TextEncoder().encode(`${level}${context === '' ? '' : ` ${context}:`} ${message}\n`)
}

function execContext(
  file: string,
  options: ExecOptions,
  { manifest, policy, limits }: ExecDocuments,
  { protection, engine: { kinds } }: Pick<ExecPowers, 'protection' | 'engine'>,
): SecurityContext {
  const granted = survey(parseMounts(options.mounts ?? {}, 'mounts'))
  const mounted = survey(parseMounts(options.mountOnly ?? {}, 'mountOnly'))
  const environment = parseEnvironment(options.env ?? {})
  const environmentGrants = environment.map(
    ([name]): Grant => ({ kind: 'environment', action: 'read', pattern: name, origin: { document: 'env' } }),
  )
  return joinContext({
    principal,
    componentId: manifest?.component.id ?? principal,
    kinds,
    policyVersion: 1,
    layers: manifest === undefined ? [] : [{ layer: 'manifest', grants: manifest.capabilities }],
    ...(policy === undefined ? {} : { policy: policy.allow }),
    operator: [
      ...grantsOfMounts(granted, { document: 'mounts' }),
      ...environmentGrants,
      ...(options.allow ?? []).map((text) => parseGrant(text, 'allow', kinds)),
    ],
    deny: [...(policy?.deny ?? []), ...(options.deny ?? []).map((text) => parseGrant(text, 'deny', kinds))],
    forbidden: protection.rules,
    ownDirectories: protection.directories,
    mounts: [...granted, ...mounted, ...mountedByPolicy(policy, [...granted, ...mounted], protection)],
    args: options.args ?? [basename(file)],
    environment,
    limits: contextLimits(limits.memoryBytes.value, limits.handles.value, limits.cpuPercent.value),
    narrowed: limits,
  })

  function survey(requests: readonly MountRequest[]) {
    const { mounts, problems } = surveyMounts(requests, protection.roots, protection.directories)
    const [problem] = problems
    if (problem !== undefined) throw new BulkheadError('usage', problem.message, { hint: problem.hint })
    return mounts
  }
}

/** Flags are the operator's own word: they replace what a manifest says. A policy narrows both. */
function limitsOf(options: ExecOptions, manifest: Manifest | undefined, policy: Policy | undefined): NarrowedLimits {
  const memoryBytes = options.memory === undefined ? manifest?.quotas.memoryBytes : parseMemory(options.memory)
  const deadlineMs = options.deadline === undefined ? manifest?.quotas.deadlineMs : parseDeadline(options.deadline)
  const own = {
    ...manifest?.quotas,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
  return narrowLimits([
    { document: manifest?.file ?? 'options', limits: own },
    ...(policy === undefined ? [] : [{ document: policy.file, limits: policy.limits }]),
  ])
}

/** Where nothing else is mounted: what a Wassette policy names and is there, and may be mounted. */
function mountedByPolicy(
  policy: Policy | undefined,
  others: readonly ContextMount[],
  protection: Protection,
): readonly ContextMount[] {
  if (policy === undefined) return []
  const free = mountsOfPolicy(policy).filter(({ guestPath }) => mountOf(guestPath, others) === undefined)
  return surveyMounts(free, protection.roots, protection.directories).mounts
}

/** A component does not start without what its manifest cannot do without (SPEC 4). */
function refuseWhatIsMissing(context: SecurityContext, documents: Documents): void {
  const [missing] = missingRequirements(context, documents)
  if (missing === undefined) return
  const what = `${missing.kind}.${missing.action}=${missing.pattern}`
  const { document, line } = missing.origin
  throw new BulkheadError('capability-required', `it needs ${what} (${document}:${line ?? 1}): ${missing.reason}`, {
    details: { kind: missing.kind, action: missing.action, pattern: missing.pattern, layer: missing.layer },
    hint: missing.remedy?.once[0] ?? `or make it optional in ${document}:${line ?? 1}`,
  })
}

/** The reader of policies is loaded by who has one: most runs have none. */
async function readPolicy(path: string, componentId: string, kinds: KindCatalogue): Promise<Policy> {
  const file = resolve(path)
  let bytes: Uint8Array
  try {
    bytes = readDocument(file)
  } catch (cause) {
    throw new BulkheadError('policy-not-found', `the policy \`${path}\` cannot be read`, {
      cause,
      hint: 'check the path',
    })
  }
  const { parsePolicy } = await import('@bulkhead/policy')
  const policy = parsePolicy(bytes, { file: path, componentId, kinds })
  if (policy.shared === undefined) return policy
  throw new BulkheadError('policy-validation-failed', `\`${path}\` is a policy of several components`, {
    hint: 'name it in a tree file: [shared] NAME = "FILE"',
  })
}

function readManifest(path: string, kinds: KindCatalogue): Manifest {
  const file = resolve(path)
  let bytes: Uint8Array
  try {
    bytes = readDocument(file)
  } catch (cause) {
    throw new BulkheadError('usage', `the manifest \`${path}\` cannot be read`, { cause, hint: 'check the path' })
  }
  return parseManifest(bytes, { file: path, kinds })
}

function documentsOf(manifest: Manifest | undefined, policy: Policy | undefined): Documents {
  return {
    ...(manifest === undefined ? {} : { manifest: { file: manifest.file, line: manifest.capabilitiesAt.line } }),
    ...(policy === undefined ? {} : { policy: { file: policy.file, format: policy.format } }),
  }
}

function inputOf(stdin: ExecOptions['stdin']): AsyncIterable<Uint8Array> | undefined {
  if (stdin === undefined) return undefined
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array)) return stdin
  const bytes = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin
  return (async function* () {
    if (bytes.length > 0) yield bytes
  })()
}
