import type { Capability } from '@bulkhead/capability'
import { formatBytes, type Request } from '@bulkhead/vocabulary'
import type { Documents } from './documents.js'
import { grantWord, originOf, placeOf, tomlString } from './hint-text.js'
import { layersOf, type SecurityContext } from './join.js'
import { mountOf } from './mount-of.js'
import { grantAlone } from './refusals.js'
import type { Denied, Remedy } from './remedy.js'

/** Granted by every rule, and refused: a file with other names, which its mount does not let be written. */
export function hardlinkRemedy(denied: Denied, { parts }: SecurityContext, documents: Documents): Remedy | undefined {
  const mount = mountOf(denied.resource, parts.mounts)
  const concerned = denied.layer === 'os' || (denied.layer === 'mount' && denied.action === 'write')
  if (!concerned || mount === undefined || mount.hardlinks || denied.kind !== 'filesystem') return undefined
  const line = `${tomlString(mount.guestPath)} = { host = ${tomlString(mount.hostPath)}, mode = "${mount.mode}", hardlinks = true }`
  return { once: [], always: [`${line} under mounts in ${placeOf(documents.tree, 'bulkhead.toml')}`] }
}

/** An operator's grant has no limits of the documents; and the rule that has one may be given a larger one. */
export function quotaRemedy(
  request: Request,
  wanted: Capability,
  { parts }: SecurityContext,
  documents: Documents,
): Remedy | undefined {
  const always = layersOf(parts)
    .flatMap(({ grants }) => grants)
    .filter((grant) => grant.limits?.maxFileSizeBytes !== undefined && grantAlone([grant], request, parts))
    .map(({ kind, action, pattern, limits, origin }) => {
      const now = formatBytes(limits?.maxFileSizeBytes ?? 0)
      return `a max_file_size above ${now} for ${tomlString(pattern)} in ${kind}.${action} in ${originOf(origin)}`
    })
  if (always.length === 0) return undefined
  return {
    once: [grantWord(wanted, documents)],
    always,
  }
}
