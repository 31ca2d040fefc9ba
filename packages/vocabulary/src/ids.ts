import { BulkheadError } from './errors.js'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A component's id as its author wrote it: `^[a-z][a-z0-9-]{0,62}$` (SPEC 1). */
export type ComponentId = Branded<'ComponentId'>
/** A child's id in a tree: a component id, optionally after `tenant/`. */
export type ChildId = Branded<'ChildId'>
/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = Branded<'Digest'>

const NAME = /^[a-z][a-z0-9-]{0,62}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** Whether the text is a legal component id or supervisor name. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/** @throws {BulkheadError} `component-rejected-name` when the text is not a legal component id. */
export function parseComponentId(text: string): ComponentId {
  if (!isName(text)) throw rejectedName('component id', text)
  return text as ComponentId
}

/** @throws {BulkheadError} `component-rejected-name` when the text is not a legal child id. */
export function parseChildId(text: string): ChildId {
  const slash = text.indexOf('/')
  const legal = slash === -1 ? isName(text) : isName(text.slice(0, slash)) && isName(text.slice(slash + 1))
  if (!legal) throw rejectedName('child id', text)
  return text as ChildId
}

/** @throws {BulkheadError} `component-digest-mismatch` when the text does not have the form of a digest. */
export function parseDigest(text: string): Digest {
  if (!DIGEST.test(text)) {
    throw new BulkheadError('component-digest-mismatch', `\`${text.slice(0, 100)}\` is not a digest`, {
      hint: 'a digest is `sha256:` and 64 lower-case hexadecimal digits',
    })
  }
  return text as Digest
}

function rejectedName(what: string, text: string): BulkheadError {
  return new BulkheadError('component-rejected-name', `\`${text.slice(0, 100)}\` is not a ${what}`, {
    hint: 'a lower-case letter, then up to 62 lower-case letters, digits and hyphens',
  })
}
