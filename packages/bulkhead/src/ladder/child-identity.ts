import type { ChildSpec, Tree } from '@bulkhead/manifest'
import type { ChildIdentity } from '@bulkhead/supervisors'
import type { LiveChild } from '../live-child.js'

/**
 * Under what the past of a child is kept besides its id (DESIGN §4). Its origin is the key that signed it, else the source
 * that it is trusted by, else the directory of the tree file: renaming an entry, or taking it out and in again, changes none
 * of these.
 */
export function identityOf({ id, tenant }: ChildSpec, { directory }: Tree, live: LiveChild): ChildIdentity {
  const { keys, source } = live.judgement.trust
  const slash = id.indexOf('/')
  const whose = tenant ?? (slash === -1 ? undefined : id.slice(0, slash))
  return {
    ...(whose === undefined ? {} : { tenant: whose }),
    origin: keys[0] ?? (source === undefined ? directory : `${source.type} ${source.text}`),
    // An upgrade gives it other code.
    get codeDigest() {
      return live.component.codeDigest
    },
  }
}
