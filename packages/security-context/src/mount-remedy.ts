import type { Capability } from '@bulkhead/capability'
import type { Request } from '@bulkhead/vocabulary'
import type { Documents } from './documents.js'
import { capabilityWord, placeOf, shellWord, tomlString } from './hint-text.js'
import type { ContextMount } from './worker-context.js'

/** A file that is out of reach: nothing is mounted there, or `at` is, for reading only. */
export type OutOfReach = { readonly request: Request; readonly at: ContextMount | undefined }

/** The line that mounts it, or `undefined` where only the host's root could be mounted. */
export function mountSteps({ request, at }: OutOfReach, documents: Documents): readonly string[] | undefined {
  const target = at === undefined ? mountedPath(request) : at.guestPath
  if (at === undefined && target === '/') return undefined
  const host = at?.hostPath ?? target
  const mode = at === undefined && request.action === 'read' ? 'read' : 'write'
  const line = `${tomlString(target)} = { host = ${tomlString(host)}, mode = "${mode}" }`
  return [`${line} under mounts in ${placeOf(documents.tree, 'bulkhead.toml')}`]
}

/** The flags of `exec` that mount and grant it, or `undefined` where the path has no spelling as a flag. */
export function mountFlag({ request, at }: OutOfReach, wanted: Capability): string | undefined {
  if (at !== undefined) return hostFirst('--write', at.hostPath, at.guestPath)
  const path = mountedPath(request)
  if (path === request.resource) return hostFirst(request.action === 'read' ? '--read' : '--write', path, path)
  // What is not there yet cannot be mounted; its directory can, and the grant stays as narrow as the request.
  if (path.includes('=')) return undefined
  return `--mount ${shellWord(`${path}=${path}`)} --allow ${capabilityWord(wanted)}`
}

function hostFirst(flag: string, host: string, guest: string): string | undefined {
  // `HOST[:GUEST]` is split at the last `:/`.
  if (guest.includes(':/')) return undefined
  return `${flag} ${shellWord(host === guest && !host.includes(':') ? host : `${host}:${guest}`)}`
}

/** The file itself, or the directory in which it is made or removed: a mount's own root can be neither. */
function mountedPath({ action, resource }: Request): string {
  if (action !== 'create' && action !== 'delete') return resource
  return resource.slice(0, resource.lastIndexOf('/')) || '/'
}
