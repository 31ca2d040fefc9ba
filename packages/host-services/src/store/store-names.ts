// How names lie in the store: `scope NUL name space NUL key`. The scope and the component's id come from the channel. No
// part can hold a NUL: a resource with control characters matches no rule, so that no key with one is ever let through.

/** What of a channel makes names. */
export type NameOwner = { readonly scope: string; readonly componentId: string }

/** A name space as rules speak of it: `self` written out. */
export function canonicalNamespace(namespace: string, { componentId }: NameOwner): string {
  const isOwn = namespace === 'self' || namespace.startsWith('self:')
  return isOwn ? `component:${componentId}${namespace.slice('self'.length)}` : namespace
}

/** What the keys of a canonical name space begin with in the store. */
export function storedPrefix(namespace: string, { scope }: NameOwner): string {
  return `${scope}\0${namespace}\0`
}
