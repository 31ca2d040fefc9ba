import type { Capability } from '@bulkhead/capability'
import { escapePath } from '@bulkhead/policy/forbidden'
import type { Kind, RuleOrigin } from '@bulkhead/vocabulary'
import type { Documents, Place } from './documents.js'

/** Where a line belongs: the document's place, or its usual name. */
export function placeOf(place: Place | undefined, usual: string): string {
  if (place === undefined) return usual
  return place.line === undefined ? place.file : `${place.file}:${place.line}`
}

/** The pattern that means exactly this resource. */
export function literalPattern(kind: Kind, resource: string): string {
  return kind === 'filesystem' || kind === 'process' ? escapePath(resource) : resource
}

/** `KIND.ACTION=PATTERN`, quoted for a shell. */
export function capabilityWord({ kind, action, pattern }: Capability): string {
  return shellWord(`${kind}.${action}=${pattern}`)
}

/** What grants it at once: a flag of `exec`, or the command for the child of a tree. */
export function grantWord(wanted: Capability, { child }: Documents): string {
  return child === undefined ? `--allow ${capabilityWord(wanted)}` : `bulkhead grant ${child} ${capabilityWord(wanted)}`
}

/** Where a rule stands. */
export function originOf({ document, line }: RuleOrigin): string {
  return line === undefined ? document : `${document}:${line}`
}

/** What a terminal would obey or hide: a hint is printed with these spelt out, and must mean the same when it is pasted. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

export function tomlString(text: string): string {
  return JSON.stringify(text).replace(
    HIDDEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A field of a role file, quoted where it would be read as more than one. */
export function csvField(text: string): string {
  return /[",#\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Quoted for a POSIX shell where it needs to be, so that a hint can be pasted whatever a guest named its files. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
