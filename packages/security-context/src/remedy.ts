import { Decider } from '@bulkhead/capability'
import { escapePath } from '@bulkhead/policy'
import type { Action, Kind, Layer } from '@bulkhead/vocabulary'
import { isWithin } from './is-within.js'
import type { SecurityContext } from './join.js'
import type { ContextMount } from './worker-context.js'

/** A denial as the journal reports it. */
export type Denied = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly layer: Layer
  readonly rule?: string
}

/** Where the documents stand that an operator would change; absent ones are named by their usual names. */
export type Documents = {
  readonly manifest?: { readonly file: string; readonly line: number }
  readonly tree?: { readonly file: string; readonly line: number }
}

/** What would allow a denied request. `undefined` where nothing would. */
export type Remedy = {
  /** Flags of `bulkhead exec` that allow it for one run. */
  readonly once: readonly string[]
  /** Lines of documents that allow it from now on, each with the place where it belongs. */
  readonly always: readonly string[]
}

/**
 * Works out what would grant a denied request at the layer that refused it (SPEC 2 and 15).
 *
 * @returns `undefined` when nothing allows it: the forbidden list, a deny rule without a way around, a door that does not exist.
 * @example
 * ```ts
 * remedyFor({ kind: 'filesystem', action: 'read', resource: '/etc/hosts', layer: 'mount' }, context, {})
 * // { once: ['--read /etc/hosts'], always: ['"/etc/hosts" = { host = "/etc/hosts", mode = "read" } under mounts …', …] }
 * ```
 */
export function remedyFor(denied: Denied, context: SecurityContext, documents: Documents): Remedy | undefined {
  switch (denied.layer) {
    case 'mount':
      return mountRemedy(denied, context, documents)
    case 'manifest':
    case 'operator':
      return grantRemedy(denied, context, documents)
    case 'os':
      return hardlinkRemedy(denied, context, documents)
    default:
      return undefined
  }
}

function mountRemedy(denied: Denied, context: SecurityContext, documents: Documents): Remedy | undefined {
  if (denied.kind !== 'filesystem') return undefined
  const mount = mountOf(denied.resource, context.parts.mounts)
  const mode = denied.action === 'read' ? 'read' : 'write'
  const flag = mode === 'read' ? '--read' : '--write'
  if (mount !== undefined) {
    // Mounted read-only, and asked to change something.
    return {
      once: [`${flag} ${shellWord(`${mount.hostPath}:${mount.guestPath}`)}`],
      always: [
        `${tomlString(mount.guestPath)} = { host = ${tomlString(mount.hostPath)}, mode = "write" } under mounts in ${placeOf(documents.tree, 'bulkhead.toml')}`,
        grantLine(denied, documents),
      ],
    }
  }
  if (isForbiddenOnHost(denied, context)) return undefined
  const path = denied.resource
  return {
    once: [`${flag} ${shellWord(path)}`],
    always: [
      `${tomlString(path)} = { host = ${tomlString(path)}, mode = "${mode}" } under mounts in ${placeOf(documents.tree, 'bulkhead.toml')}`,
      grantLine(denied, documents),
    ],
  }
}

function grantRemedy(denied: Denied, context: SecurityContext, documents: Documents): Remedy | undefined {
  switch (denied.kind) {
    case 'filesystem': {
      const pattern = escapePath(denied.resource)
      const once = [`--allow ${shellWord(`filesystem.${denied.action}=${pattern}`)}`]
      return { once, always: [grantLine(denied, documents)] }
    }
    case 'environment':
      return context.parts.environment.some(([name]) => name === denied.resource)
        ? { once: [`--allow environment.read=${denied.resource}`], always: [grantLine(denied, documents)] }
        : { once: [`--env ${denied.resource}`], always: [grantLine(denied, documents)] }
    default:
      // Network, storage, messaging: doors that this version does not have, so no grant would open them.
      return undefined
  }
}

function hardlinkRemedy(denied: Denied, context: SecurityContext, documents: Documents): Remedy | undefined {
  const mount = mountOf(denied.resource, context.parts.mounts)
  if (mount === undefined || mount.hardlinks || denied.kind !== 'filesystem') return undefined
  return {
    once: [],
    always: [
      `${tomlString(mount.guestPath)} = { host = ${tomlString(mount.hostPath)}, mode = "${mount.mode}", hardlinks = true } under mounts in ${placeOf(documents.tree, 'bulkhead.toml')}`,
    ],
  }
}

/** The mount that a guest path lies in: the one with the longest guest path above it. */
export function mountOf(guestPath: string, mounts: readonly ContextMount[]): ContextMount | undefined {
  let best: ContextMount | undefined
  for (const mount of mounts) {
    if (isWithin(guestPath, mount.guestPath) && (best === undefined || mount.guestPath.length > best.guestPath.length))
      best = mount
  }
  return best
}

/** Whether a flag that mounted this path at its own name would still be refused. */
function isForbiddenOnHost(denied: Denied, context: SecurityContext): boolean {
  const { kind, action, resource } = denied
  return new Decider(context.table).decide({ kind, action, resource, hostPath: resource }).layer === 'forbidden'
}

function grantLine(denied: Denied, documents: Documents): string {
  const pattern = denied.kind === 'filesystem' ? escapePath(denied.resource) : denied.resource
  return `${denied.kind}.${denied.action} = [${tomlString(pattern)}] in ${placeOf(documents.manifest, 'Component.toml')}`
}

function placeOf(document: { readonly file: string; readonly line: number } | undefined, usual: string): string {
  return document === undefined ? usual : `${document.file}:${document.line}`
}

function tomlString(text: string): string {
  return JSON.stringify(text)
}

/** Quoted for a POSIX shell where it needs to be, so that a hint can be pasted whatever a guest named its files. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
