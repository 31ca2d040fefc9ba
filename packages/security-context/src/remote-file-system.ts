// Perimeter: asks the operating system what kind of file system a path lies on.
import { statfsSync } from 'node:fs'

/** Linux's numbers for file systems whose files are another machine's, or a program's that may answer late or never. */
const remoteTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x0bd00bd0, 'Lustre'],
  [0x65735546, 'FUSE'],
])

/**
 * The name of the network's file system on which the path lies; `undefined` for a local one, or where nobody can tell.
 *
 * @param typeOf asks the operating system; another one in tests, which have no server to mount.
 */
export function remoteFileSystem(path: string, typeOf: (path: string) => number = fileSystemType): string | undefined {
  return remoteTypes.get(typeOf(path))
}

function fileSystemType(path: string): number {
  // Some types come as negative numbers of 32 bits.
  return statfsSync(path).type >>> 0
}
