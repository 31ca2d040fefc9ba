// From a planned child to one that is judged and can start.

import type { KindCatalogue } from '@bulkhead/capability'
import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import { DocumentError, lineOf, type Position, renderPlace } from '@bulkhead/document'
import { defaultQuotas, parseManifest, type Quotas, type Tree } from '@bulkhead/manifest'
import { BulkheadError, type Rate } from '@bulkhead/vocabulary'
import type { Desk } from './authority/desk.js'
import { embeddedIn, type Subject, type SubjectLimits } from './authority/subject.js'
import { type ChildRunFacts, LiveChild } from './live-child.js'
import type { FoundManifest, PlannedChild } from './plan-tree.js'
import type { Engine } from './run-actor.js'

export type PreparePowers = {
  readonly builder: ComponentBuilder
  /** What the host application offers beside what every Bulkhead has. */
  readonly engine: Pick<Engine, 'kinds' | 'interfaces'>
  readonly desk: Desk
  readonly dev: boolean
  readonly signal: AbortSignal
}

/** @throws {BulkheadError} when the component is refused, with its place in the tree file. */
export async function prepareChild(planned: PlannedChild, tree: Tree, powers: PreparePowers): Promise<LiveChild> {
  const { spec } = planned
  const first = await prepare(planned, tree, memoryFromFiles(planned), powers)
  const subject = subjectOf(planned, first, tree, powers)
  const judgement = await powers.desk.enroll(subject, spec.policy)
  const memoryBytes = judgement.limits.memoryBytes.value
  // An embedded manifest or a policy may narrow what the files beside the component said.
  const component = memoryBytes === memoryFromFiles(planned) ? first : await prepare(planned, tree, memoryBytes, powers)
  return new LiveChild(judgement, powers.desk.documentsOf(judgement), component, runFactsOf(planned, component))
}

/** What a run of the child needs besides what is judged. */
export function runFactsOf({ spec, mounts, environment }: PlannedChild, { name }: PreparedComponent): ChildRunFacts {
  return {
    mounts,
    args: spec.args.length === 0 ? [name] : spec.args,
    environment,
    configuration: Object.entries(spec.config),
    secretNames: spec.secrets.map((secret) => secret.name),
  }
}

function ownIdOf(child: string): string {
  return child.slice(child.indexOf('/') + 1)
}

/** A component that a child may be upgraded to: verified, and what is judged of it. */
export async function prepareCandidate(
  planned: PlannedChild,
  tree: Tree,
  powers: Omit<PreparePowers, 'desk'>,
): Promise<{ readonly subject: Subject; readonly component: PreparedComponent }> {
  const component = await prepare(planned, tree, memoryFromFiles(planned), powers)
  return { subject: subjectOf(planned, component, tree, powers), component }
}

/** What is judged of a child, taken together from the tree, its manifest and the component's own bytes. */
function subjectOf(
  planned: PlannedChild,
  component: PreparedComponent,
  tree: Tree,
  { dev, engine: { kinds, interfaces } }: Pick<PreparePowers, 'dev' | 'engine'>,
): Subject {
  const { spec, mounts, environment, componentFile } = planned
  const manifest = manifestOf(planned, component, kinds)
  return {
    child: spec.id,
    componentId: ownIdOf(spec.id),
    kind: spec.componentKind ?? component.kind,
    component: { reference: spec.component, file: componentFile, digest: component.digest },
    ...(manifest === undefined
      ? {}
      : { manifest: { file: manifest.parsed.file, text: manifest.text, digest: manifest.parsed.digest } }),
    mounts: mounts.map(({ guestPath, hostPath, mode, kind: what, hardlinks }) => ({
      ...{ guestPath, hostPath, mode, hardlinks },
      kind: what,
    })),
    inherited: spec.inherit,
    interfaces: interfaces.importedBy(component.imports).map(({ name, version }) => `${name}@${version}`),
    variables: environment.map(([name]) => name),
    ...(spec.approved === undefined
      ? {}
      : { approved: { digests: spec.approved, ...lineAt(tree.positionOf([...spec.path, 'approved'], 'key')) } }),
    tree: {
      file: tree.file,
      ...lineAt(spec.at),
      ...(tree.trust === undefined ? {} : { trust: tree.trust }),
      ...(tree.roles === undefined ? {} : { roles: tree.roles }),
      shared: tree.shared.map(({ name, policy }) => ({ name, policy })),
      kinds: [...kinds.values()],
      dev,
    },
    limits: limitsOf({ ...spec.quotas, deadlineMs: narrowest(spec.deadlineMs, spec.quotas?.deadlineMs) }),
    ...(spec.ceiling === undefined ? {} : { ceiling: limitsOf(spec.ceiling) }),
  }
}

/** A tree that a program gave as an object has no lines. */
function lineAt(position: Position): { readonly line?: number } {
  const line = lineOf(position)
  return line === undefined ? {} : { line }
}

/** SPEC 4: the tree entry's `manifest`, then the custom section, then those beside the file. */
function manifestOf(
  { spec, manifest, componentFile }: PlannedChild,
  component: PreparedComponent,
  kinds: KindCatalogue,
): FoundManifest | undefined {
  if (spec.manifest === undefined && component.embeddedManifest !== undefined) {
    const parsed = parseManifest(component.embeddedManifest, { file: embeddedIn(componentFile), kinds })
    return { parsed, text: asText(component.embeddedManifest) }
  }
  return manifest
}

function asText(bytes: string | Uint8Array): string {
  return typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function narrowest(...limits: readonly (number | undefined)[]): number | undefined {
  const written = limits.filter((one) => one !== undefined)
  return written.length === 0 ? undefined : Math.min(...written)
}

type WrittenQuotas = { readonly [Name in keyof Quotas]: Quotas[Name] | undefined }

function limitsOf(quotas: WrittenQuotas): SubjectLimits {
  const { memoryBytes, handles, cpuPercent, deadlineMs, messages, logs, storageBytes, network, requests } = quotas
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(handles === undefined ? {} : { handles }),
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
    ...(messages === undefined ? {} : { messagesPerHour: perHour(messages) }),
    ...(logs === undefined ? {} : { logBytesPerHour: perHour(logs) }),
    ...(storageBytes === undefined ? {} : { storageBytes }),
    ...(network === undefined ? {} : { networkBytesPerHour: perHour(network) }),
    ...(requests === undefined ? {} : { requestsPerHour: perHour(requests) }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
}

function perHour({ amount, perMs }: Rate): number {
  return amount * (3_600_000 / perMs)
}

/** What is known of the memory cap before the component was read. */
function memoryFromFiles({ spec, manifest }: PlannedChild): number {
  const written = narrowest(spec.quotas?.memoryBytes, manifest?.parsed.quotas.memoryBytes) ?? defaultQuotas.memoryBytes
  return Math.min(written, spec.ceiling?.memoryBytes ?? written)
}

async function prepare(
  planned: PlannedChild,
  tree: Tree,
  memoryBytesMax: number,
  { builder, signal }: Pick<PreparePowers, 'builder' | 'signal'>,
): Promise<PreparedComponent> {
  try {
    return await builder.prepare({ file: planned.componentFile }, { memoryBytesMax, signal })
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || thrown instanceof DocumentError) throw thrown
    throw new BulkheadError(thrown.code, `${placeOf(planned, tree)}: ${thrown.message}`, {
      details: thrown.details,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      cause: thrown,
    })
  }
}

/** Where a child stands: in the tree file, or in a call that adds it. */
function placeOf({ spec, place }: PlannedChild, tree: Tree): string {
  if (place !== undefined) return place
  return renderPlace(tree.file, tree.positionOf([...spec.path, 'component'], 'value'))
}
