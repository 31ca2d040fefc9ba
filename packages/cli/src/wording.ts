import { isAbsolute, relative } from 'node:path'
import type { Layer, RuleOrigin } from '@bulkhead/vocabulary'
import { printable } from './printable.js'

// How reports name things. Everything that a document or a component's author wrote is escaped here.

export type Capability = { readonly kind: string; readonly action: string; readonly pattern: string }

/** `filesystem.read=/data/**`, as `grant` takes it. */
export function capabilityText({ kind, action, pattern }: Capability): string {
  return `${printable(`${kind}.${action}`)}=${uncut(pattern)}`
}

/** What is meant to be pasted is escaped but never cut. */
export function uncut(text: string): string {
  return printable(text, Number.MAX_SAFE_INTEGER)
}

/** A component's own words, in quotation marks and said to be its. */
export function itsWords(text: string): string {
  return `it says: “${printable(text)}”`
}

/** `manifest Component.toml:7`. */
export function placeText(layer: Layer, origin: RuleOrigin, directory: string): string {
  const line = origin.line === undefined ? '' : `:${origin.line}`
  return `${layer} ${pathText(origin.document, directory)}${line}`
}

/** A path as seen from the working directory where it lies in it; what is no absolute path, as it is. */
export function pathText(path: string, directory: string): string {
  const seen = isAbsolute(path) ? relative(directory, path) : path
  return printable(seen === '' || seen.startsWith('..') ? path : seen)
}

/** An instant to the second, in UTC. */
export function instantText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`
}

/** A digest or fingerprint as people compare it at a glance; the whole one is in `--json`. */
export function shortDigest(digest: string): string {
  return printable(digest.slice(0, 'sha256:'.length + 12))
}

export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
