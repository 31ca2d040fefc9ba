import type { Grant } from '@bulkhead/capability'

/** Where something stands in a document. */
export type Place = { readonly file: string; readonly line?: number }

/** An earlier version of a child's policy, for what going back to it would bring. */
export type PastPolicy = {
  readonly version: number
  readonly allow: readonly Grant[]
  readonly deny: readonly Grant[]
}

export type PolicyPlace = Place & {
  readonly format?: 'native' | 'wassette'
  /** The command that puts the changed file into force while the child runs. */
  readonly apply?: string
  /** The version in force is not what the file says: `revoke` or a roll-back made it. */
  readonly edited?: boolean
  /** Earlier versions, the newest first. */
  readonly past?: readonly PastPolicy[]
}

/** Where the documents stand that an operator would change; absent ones are named by their usual names. */
export type Documents = {
  readonly manifest?: Place
  /** The child's entry. */
  readonly tree?: Place
  readonly policy?: PolicyPlace
  readonly roles?: Place
  /** Where the tree entry approves digests in place. */
  readonly approved?: Place
  /** The child of a tree. Absent: a run of `exec`, which is changed by its flags. */
  readonly child?: string
}
