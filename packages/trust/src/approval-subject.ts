import { createHash } from 'node:crypto'
import type { Grant } from '@bulkhead/capability'
import { canonicalJson, type Json } from './canonical-json.js'

/** One thing that a component asks for. */
export type Ask = Pick<Grant, 'kind' | 'action' | 'pattern' | 'optional' | 'why'>

/** What a reviewer decides about: everything that a start would give. */
export type ApprovalSubject = {
  readonly componentDigest: string
  /** `null` where there is no manifest. */
  readonly manifestDigest: string | null
  /** Whom `self:` means. */
  readonly componentId: string
  readonly version?: string
  readonly description?: string
  readonly capabilities: readonly Ask[]
  readonly mounts: readonly ApprovalMount[]
  /** Names of the variables that the tree file takes from the host. */
  readonly inherited: readonly string[]
  /** Interfaces that it imports. */
  readonly interfaces: readonly string[]
}

/** `host` is the real path on the host. */
export type ApprovalMount = { readonly guest: string; readonly host: string; readonly mode: 'read' | 'write' }

/**
 * The fingerprint that a decision is bound to: sha256 over the canonical JSON of both digests, the requested capabilities,
 * the mounts, the inherited names and the interfaces, each as a set. Any change of them is another fingerprint. What a
 * component says of itself beside (version, description, reasons) stands in its manifest, whose digest is part of it.
 */
export function fingerprintOf(subject: ApprovalSubject): string {
  const bound: Json = {
    componentDigest: subject.componentDigest,
    manifestDigest: subject.manifestDigest,
    capabilities: setOf(
      subject.capabilities.map(({ kind, action, pattern, optional }) => [kind, action, pattern, optional === true]),
    ),
    mounts: setOf(subject.mounts.map(({ guest, host, mode }) => [guest, host, mode])),
    inherited: setOf(subject.inherited),
    interfaces: setOf(subject.interfaces),
  }
  return `sha256:${createHash('sha256').update(canonicalJson(bound)).digest('hex')}`
}

function setOf(items: readonly Json[]): readonly string[] {
  return [...new Set(items.map(canonicalJson))].sort()
}
