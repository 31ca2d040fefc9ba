import type { ContextLimits } from '@bulkhead/security-context'
import type { StreamClasses } from '../io/stream-classes.js'
import type { ResourceClass } from '../resource-class.js'
import type { Descriptor } from './descriptor.js'
import type { DirectoryListing } from './directory-listing.js'
import type { ScratchBuffer } from './scratch-buffer.js'
import type { WalkPowers } from './walk.js'

/** What the operations on files share. */
export type FileSystem = WalkPowers & {
  readonly limits: ContextLimits
  readonly wallMs: () => number
  /** Keys the metadata hash, so that no guest learns device or inode numbers. */
  readonly hashKey: bigint
  readonly descriptors: ResourceClass<Descriptor>
  readonly listings: ResourceClass<DirectoryListing>
  readonly streams: StreamClasses
  readonly scratch: ScratchBuffer
  readonly usage: Usage
}

/** Bytes through files and standard streams. */
export type Usage = { bytesRead: number; bytesWritten: number }
