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
import { formatBytes } from '@bulkhead/vocabulary'
import { isGuestPath } from './guest-path.js'
import { mountsPerChildMax, nameCharactersMax } from './limits.js'
import { quotaFields } from './quotas.js'
import type { MountSpec } from './tree.js'

const hostPath = text({ what: 'a host path', charactersMax: nameCharactersMax })

const hostFields = {
  host: hostPath,
  mode: oneOf(['read', 'write']),
  hardlinks: flag,
  network_fs: flag,
}

const scratchFields = { scratch: quotaFields.storage }

/**
 * The table `mounts`: guest path → host path, `{ host, mode, hardlinks, network_fs }` or `{ scratch }`. Without a mode it is `write`: a mount is a
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
  const host = hostOf(entry, directory)
  if (host === undefined || !legal) return undefined
  return { guestPath, ...host, at: entry.inspection.document.positionOf(entry.path) }
}

type Host = Omit<MountSpec, 'guestPath' | 'at'>

function hostOf(entry: Entry, directory: string): Host | undefined {
  if (typeof entry.value === 'string') {
    const path = hostPath(entry)
    return path === undefined ? undefined : { hostPath: resolve(directory, path), mode: 'write', hardlinks: false }
  }
  if (!isTable(entry.value)) {
    return rejectType(entry, 'a host path in quotes, `{ host, mode, hardlinks, network_fs }` or `{ scratch }`')
  }
  if (Object.hasOwn(entry.value, 'scratch')) return scratchOf(entry)
  const table = readTable(entry, hostFields, { required: ['host'] })
  if (table?.host === undefined) return undefined
  return {
    hostPath: resolve(directory, table.host),
    mode: table.mode ?? 'write',
    hardlinks: table.hardlinks ?? false,
    ...(table.network_fs === true ? { networkFs: true } : {}),
  }
}

function scratchOf(entry: Entry): Host | undefined {
  const scratchBytes = readTable(entry, scratchFields)?.scratch
  if (scratchBytes === undefined) return undefined
  // A path that nobody has, so that whatever is asked about host paths has an answer, and one that says what it is.
  return { hostPath: `/(scratch of ${formatBytes(scratchBytes)})`, mode: 'write', hardlinks: false, scratchBytes }
}
