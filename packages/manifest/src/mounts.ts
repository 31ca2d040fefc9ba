import { resolve } from 'node:path'
import {
  asTable,
  type Entry,
  entriesOf,
  type Field,
  flag,
  isTable,
  oneOf,
  readTable,
  reject,
  rejectType,
  text,
} from '@bulkhead/document'
import { isGuestPath } from './guest-path.js'
import { mountsPerChildMax, nameCharactersMax } from './limits.js'
import { reportNotYet } from './not-yet.js'
import { quotaFields } from './quotas.js'
import type { MountSpec } from './tree.js'

const hostPath = text({ what: 'a host path', charactersMax: nameCharactersMax })

const fields = {
  host: hostPath,
  mode: oneOf(['read', 'write']),
  hardlinks: flag,
  network_fs: flag,
  scratch: quotaFields.storage,
}

/**
 * The table `mounts`: guest path → host path, or `{ host, mode, hardlinks }`. Without a mode it is `write`: a mount is a
 * ceiling, and only grants open anything below it. That a path is there, and allowed, is for whoever opens it to see.
 *
 * @param directory absolute path from which relative host paths start
 */
export function mounts(directory: string): Field<readonly MountSpec[]> {
  return (entry) => {
    const table = asTable(entry)
    if (table === undefined) return undefined
    const entries = entriesOf(entry, table)
    if (entries.length > mountsPerChildMax) {
      return reject(entry, `${entries.length} mounts are too many`, `at most ${mountsPerChildMax} for one child`)
    }
    return entries.flatMap(([guestPath, inner]) => mount(guestPath, inner, directory) ?? [])
  }
}

function mount(guestPath: string, entry: Entry, directory: string): MountSpec | undefined {
  const legal = isGuestPath(guestPath, entry)
  const host = hostOf(entry)
  if (host === undefined || !legal) return undefined
  const at = entry.inspection.document.positionOf(entry.path)
  return { guestPath, hostPath: resolve(directory, host.path), mode: host.mode, hardlinks: host.hardlinks, at }
}

type Host = { readonly path: string; readonly mode: MountSpec['mode']; readonly hardlinks: boolean }

function hostOf(entry: Entry): Host | undefined {
  if (typeof entry.value === 'string') {
    const path = hostPath(entry)
    return path === undefined ? undefined : { path, mode: 'write', hardlinks: false }
  }
  if (!isTable(entry.value)) return rejectType(entry, 'a host path in quotes, or `{ host, mode, hardlinks }`')
  const isScratch = Object.hasOwn(entry.value, 'scratch')
  const table = readTable(entry, fields, { required: isScratch ? [] : ['host'], onPassed: reportNotYet('mount') })
  if (isScratch && Object.hasOwn(entry.value, 'host')) {
    return reject(entry, 'a mount has a `host` or is `scratch`, not both', 'remove one of the two')
  }
  if (table?.host === undefined) return undefined
  return { path: table.host, mode: table.mode ?? 'write', hardlinks: table.hardlinks ?? false }
}
