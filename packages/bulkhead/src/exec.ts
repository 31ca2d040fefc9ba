// `runtime.exec`: one program, once. Its options are operator grants for this run (SPEC 6); nothing is asked.

import { basename, resolve } from 'node:path'
import type { Grant } from '@bulkhead/capability'
import { type ComponentBuilder, resolveComponent } from '@bulkhead/component'
import { defaultQuotas, type Manifest, parseManifest } from '@bulkhead/manifest'
import {
  contextLimits,
  type Documents,
  joinContext,
  type MountRequest,
  type SecurityContext,
  surveyMounts,
} from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
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
import type { Protection } from './protection.js'
import { readDocument } from './read-document.js'
import { type Engine, startRun } from './run-actor.js'
import type { DeniedAccess, ExecOptions, ExecResult } from './types.js'

export type ExecPowers = {
  readonly engine: Engine
  readonly builder: ComponentBuilder
  readonly protection: Protection
}

/** The id under which a run of `exec` appears in the audit log. */
const principal = 'exec'

export async function exec(reference: string, options: ExecOptions, powers: ExecPowers): Promise<ExecResult> {
  const { signal } = options
  signal?.throwIfAborted()
  const manifest = options.manifest === undefined ? undefined : readManifest(options.manifest)
  const memoryBytesMax = memoryOf(options, manifest)
  const file = resolveComponent(reference, { from: process.cwd() })
  const context = execContext(file, options, manifest, memoryBytesMax, powers.protection)
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
      documents: documentsOf(manifest),
      incarnation: 1,
      deadlineMs: options.deadline === undefined ? manifest?.quotas.deadlineMs : parseDeadline(options.deadline),
      stdin: inputOf(options.stdin),
      stdout: (chunk) => stdout.take(chunk),
      stderr: (chunk) => stderr.take(chunk),
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
    exit,
    usage: exit.usage,
  }
}

function execContext(
  file: string,
  options: ExecOptions,
  manifest: Manifest | undefined,
  memoryBytesMax: number,
  protection: Protection,
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
    policyVersion: 1,
    layers: manifest === undefined ? [] : [{ layer: 'manifest', grants: manifest.capabilities }],
    operator: [
      ...grantsOfMounts(granted, { document: 'mounts' }),
      ...environmentGrants,
      ...(options.allow ?? []).map((text) => parseGrant(text, 'allow')),
    ],
    deny: (options.deny ?? []).map((text) => parseGrant(text, 'deny')),
    forbidden: protection.rules,
    ownDirectories: protection.directories,
    mounts: [...granted, ...mounted],
    args: options.args ?? [basename(file)],
    environment,
    limits: contextLimits(memoryBytesMax, manifest?.quotas.handles),
  })

  function survey(requests: readonly MountRequest[]) {
    const { mounts, problems } = surveyMounts(requests, protection.roots, protection.directories)
    const [problem] = problems
    if (problem !== undefined) throw new BulkheadError('usage', problem.message, { hint: problem.hint })
    return mounts
  }
}

function memoryOf(options: ExecOptions, manifest: Manifest | undefined): number {
  if (options.memory !== undefined) return parseMemory(options.memory)
  return manifest?.quotas.memoryBytes ?? defaultQuotas.memoryBytes
}

function readManifest(path: string): Manifest {
  const file = resolve(path)
  let bytes: Uint8Array
  try {
    bytes = readDocument(file)
  } catch (cause) {
    throw new BulkheadError('usage', `the manifest \`${path}\` cannot be read`, { cause, hint: 'check the path' })
  }
  return parseManifest(bytes, { file: path })
}

function documentsOf(manifest: Manifest | undefined): Documents {
  return manifest === undefined ? {} : { manifest: { file: manifest.file, line: manifest.capabilitiesAt.line } }
}

function inputOf(stdin: ExecOptions['stdin']): AsyncIterable<Uint8Array> | undefined {
  if (stdin === undefined) return undefined
  if (typeof stdin !== 'string' && !(stdin instanceof Uint8Array)) return stdin
  const bytes = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin
  return (async function* () {
    if (bytes.length > 0) yield bytes
  })()
}
