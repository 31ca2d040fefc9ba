// From a tree file to everything its children need, before anything starts: every finding at once, with its position.

import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { KindCatalogue } from '@bulkhead/capability'
import { resolveComponent } from '@bulkhead/component'
import { DocumentError, type Finding } from '@bulkhead/document'
import { type ChildSpec, type Manifest, parseManifest, parseTree, type Tree } from '@bulkhead/manifest'
import { type ContextMount, surveyMounts } from '@bulkhead/security-context'
import { BulkheadError, Fault } from '@bulkhead/vocabulary'
import { childrenBelow } from './plan-supervision.js'
import type { Protection } from './protection.js'
import { readDocument } from './read-document.js'
import type { SecretDesk } from './secrets/secret-desk.js'

/** A manifest and its exact text, which is what an approval and a signature are over. */
export type FoundManifest = { readonly parsed: Manifest; readonly text: string }

/** A child whose documents and mounts were checked; its component is known by path, not yet read. */
export type PlannedChild = {
  readonly spec: ChildSpec
  readonly componentFile: string
  /** The manifest that stands in a file; an embedded one is found when the component is read. */
  readonly manifest: FoundManifest | undefined
  readonly mounts: readonly ContextMount[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  /** Where it is named, for errors, where that is not the tree file. */
  readonly place?: string
}

/** @throws {DocumentError} with all findings of the document. */
export function readTree(path: string): Tree {
  let bytes: Uint8Array
  try {
    bytes = readDocument(path)
  } catch (cause) {
    throw new BulkheadError('document-invalid', `there is no tree file \`${path}\``, {
      cause,
      hint: 'name a file like bulkhead.toml; its smallest form is a table [children.NAME] with component = "app.wasm"',
    })
  }
  const tree = parseTree(bytes, { file: path })
  refuseScaledTime(tree)
  return tree
}

/** Quarantines of a second are for demonstrations; who sets this by mistake in production has none worth the name. */
export function refuseScaledTime(tree: Tree): void {
  if (tree.timeScale === 1 || process.env['NODE_ENV'] !== 'production') return
  const message = '`time_scale` is refused under NODE_ENV=production'
  throw new DocumentError([{ file: tree.file, ...tree.positionOf(['time_scale']), message, hint: 'remove it' }])
}

/** @throws {DocumentError} with the findings of all children: missing components, bad manifests, impossible mounts. */
export function planChildren(
  tree: Tree,
  protection: Protection,
  kinds: KindCatalogue,
  secrets?: SecretDesk,
): readonly PlannedChild[] {
  const children = childrenOf(tree)
  return planEach(children, tree, protection, kinds, secrets?.check(children, tree.file))
}

/**
 * Plans a child that a call names, not the tree file.
 *
 * @param place what findings name instead of it
 * @throws {DocumentError} with all findings about it.
 */
export function planCalled(
  spec: ChildSpec,
  tree: Tree,
  protection: Protection,
  kinds: KindCatalogue,
  place: string,
): PlannedChild {
  const start = { line: 1, column: 1, path: '' }
  const called = { ...spec, at: start, mounts: spec.mounts.map((mount) => ({ ...mount, at: start })) }
  const [planned] = planEach([called], { ...tree, file: place, positionOf: () => start }, protection, kinds)
  if (planned === undefined) throw new Fault('internal', `\`${spec.id}\` was neither planned nor refused`)
  return { ...planned, place }
}

/** @throws {DocumentError} with the findings of these children. */
function planEach(
  specs: readonly ChildSpec[],
  tree: Tree,
  protection: Protection,
  kinds: KindCatalogue,
  found: readonly Finding[] = [],
): readonly PlannedChild[] {
  const findings: Finding[] = [...found]
  const planned: PlannedChild[] = []
  for (const spec of specs) {
    const componentFile = locateComponent(spec, tree, findings)
    const manifest = findManifest(spec, componentFile, tree, kinds, findings)
    if (tree.processRung === 'weak') refuseFilesWithoutWalls(spec, tree, findings)
    const { mounts, problems } = surveyMounts(spec.mounts, protection.roots, protection.directories)
    for (const { mount, message, hint } of problems) {
      const at = spec.mounts.find((written) => written.guestPath === mount.guestPath)?.at ?? spec.at
      findings.push({ file: tree.file, ...at, message, hint })
    }
    if (componentFile !== undefined) {
      planned.push({ spec, componentFile, manifest, mounts, environment: environmentOf(spec) })
    }
  }
  if (findings.length > 0) throw new DocumentError(findings)
  return planned
}

/** A process without walls would hold none of what is mounted. */
function refuseFilesWithoutWalls({ mounts: [mount] }: ChildSpec, { file }: Tree, findings: Finding[]): void {
  if (mount === undefined) return
  const message = '`process_rung = "weak"` is for trees whose children have no files, and this one has a mount'
  findings.push({ file, ...mount.at, message, hint: 'take the mount away, or install bubblewrap and remove the line' })
}

export function childrenOf(tree: Tree): readonly ChildSpec[] {
  return childrenBelow(tree.root)
}

function locateComponent(spec: ChildSpec, tree: Tree, findings: Finding[]): string | undefined {
  try {
    return resolveComponent(spec.component, { from: tree.directory })
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError)) throw thrown
    const at = tree.positionOf([...spec.path, 'component'], 'value')
    findings.push({ file: tree.file, ...at, message: thrown.message, hint: thrown.hint ?? '' })
    return undefined
  }
}

/** The tree entry's `manifest`, else `<file>.component.toml`, else `Component.toml` where the folder holds one wasm only. */
function findManifest(
  spec: ChildSpec,
  componentFile: string | undefined,
  tree: Tree,
  kinds: KindCatalogue,
  findings: Finding[],
): FoundManifest | undefined {
  const written = spec.manifest
  const file = written ?? (componentFile === undefined ? undefined : manifestBeside(componentFile))
  if (file === undefined) return undefined
  try {
    const bytes = readDocument(file)
    const parsed = parseManifest(bytes, { file, kinds })
    return { parsed, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) }
  } catch (thrown) {
    if (thrown instanceof DocumentError) {
      findings.push(...thrown.findings)
      return undefined
    }
    const at = tree.positionOf([...spec.path, 'manifest'], 'value')
    const message = `the manifest \`${file}\` cannot be read`
    findings.push({ file: tree.file, ...at, message, hint: `relative paths start at ${tree.directory}` })
    return undefined
  }
}

export function manifestBeside(componentFile: string): string | undefined {
  const folder = dirname(componentFile)
  const names = readdirSync(folder)
  const own = `${basename(componentFile)}.component.toml`
  const ownShort = own.replace('.wasm.component.toml', '.component.toml')
  for (const name of [own, ownShort]) if (names.includes(name)) return join(folder, name)
  const alone = names.filter((name) => name.endsWith('.wasm')).length === 1
  return alone && names.includes('Component.toml') ? join(folder, 'Component.toml') : undefined
}

/** Only what the tree file sets or names with `inherit` (SPEC 3.5); a variable that the host does not have is left out. */
function environmentOf(spec: ChildSpec): readonly (readonly [string, string])[] {
  const inherited = spec.inherit.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return [...inherited, ...Object.entries(spec.env)]
}
