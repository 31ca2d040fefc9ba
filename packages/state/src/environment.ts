// Perimeter: LMDB.
import { open, type RootDatabase } from 'lmdb'
import { storeTablesMax } from './limits.js'

/** Keys and values are bytes to LMDB. Keys order as their bytes do, which for UTF-8 is the order of code points. */
export type Environment = RootDatabase<Buffer, Buffer>

const encodings = { encoding: 'binary', keyEncoding: 'binary' } as const

/**
 * Opens the LMDB environment in a directory, or makes it. Every commit waits for the disk (`overlappingSync` would
 * acknowledge before). The map is twice what may be stored: a transaction copies what it changes.
 */
export function openEnvironment(path: string, mapBytes: number): Environment {
  return open<Buffer, Buffer>({
    path,
    ...encodings,
    noSubdir: false,
    overlappingSync: false,
    mapSize: mapBytes * 2,
    maxDbs: storeTablesMax,
  })
}

export type EnvironmentTable = ReturnType<typeof openTable>

/** Opens a named database, or makes it. */
export function openTable(environment: Environment, name: string) {
  return environment.openDB<Buffer, Buffer>({ name, ...encodings })
}

/** The names of the databases of an environment; they stand as keys in its root. */
export function tableNames(environment: Environment): readonly string[] {
  return [...environment.getKeys()].map((key) => key.toString('utf8').replace(/\0$/, ''))
}

type Counts = {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
  readonly entryCount: number
}

/** Bytes of the pages that a table takes, with what a running transaction adds. */
export function bytesOf(database: EnvironmentTable): number {
  const counts = database.getStats() as Counts
  return counts.pageSize * (counts.treeBranchPageCount + counts.treeLeafPageCount + counts.overflowPages)
}

/** How many entries a table, or the root, says that it has. */
export function entryCountOf(database: EnvironmentTable | Environment): number {
  return (database.getStats() as Counts).entryCount
}
