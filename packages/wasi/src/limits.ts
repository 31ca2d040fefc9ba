// Every bound of this workspace that does not come with the context, named with its unit.

/** A path as a guest hands it in, in UTF-8 bytes: the kernel's own PATH_MAX. */
export const guestPathBytesMax = 4096
/** Symbolic links followed in one walk; one more is `loop`, as on Linux. */
export const symbolicLinksMax = 40
/** Attempts at a name that appears and vanishes while it is opened with `create`. */
export const createRoundsMax = 8
/** Directory entries read from the kernel at once. */
export const directoryEntriesPerPiece = 64
/** What `check-write` of a file stream permits, in bytes. */
export const fileWritePermitBytes = 1024 * 1024
/** Zeroes written, and bytes spliced or skipped, in one piece. */
export const pieceBytes = 64 * 1024
/** Runs of identical decisions inside this time share one record (D11). */
export const recordRunNs = 100_000_000n
/** Frames of the headroom probe: about 12 KiB of stack, measured to be what the deepest host function needs. */
export const headroomFrames = 48
/**
 * Frames of the probe while a function is new in its instance: about 64 KiB. V8 compiles a function when it is first called
 * and refuses to with less than 40 KiB of stack, in the middle of whatever called it.
 */
export const coldHeadroomFrames = 256
/** For so many calls a function is new. */
export const coldCallsMax = 4
/** Processor time that may be saved up: one second's worth of a share. */
export const cpuBurstNs = 1_000_000_000n
/** How often the processor time of a guest with less than a whole core is read, at most. */
export const cpuReadingIntervalNs = 5_000_000n
/** Of so many decisions one is timed. */
export const checksPerTimedOne = 1024
/** Answers of `leadsToGrant` remembered for one table. */
export const leadsCacheEntriesMax = 4096
/** Resources of each kind of `wasi:http/types` that a guest may hold. */
export const httpResourcesMax = 128
/** Header fields that one `fields` resource holds, and their bytes. */
export const httpFieldsMax = 1024
export const httpFieldBytesMax = 72 * 1024
/** The name of one of them, in UTF-16 units. */
export const httpFieldNameUnitsMax = 255
/** Pieces of a body that are thrown away in one call, of a guest that wants only what comes behind them. */
export const httpDiscardedPiecesMax = 16
/** A request's path, authority, method and scheme, each, in UTF-16 units. */
export const httpTextMax = 8192
/** Resources that are not files: streams, pollables, sockets, requests. Counted apart from descriptors. */
export const resourcesMax = 4096
/** `cas` handles of one guest: each holds a value as it was. */
export const casHandlesMax = 16
/** Pages of listings that a guest may go on with, of all its buckets; the oldest is forgotten first. */
export const listCursorsMax = 256
/** A bucket's identifier, in bytes. */
export const bucketIdentifierBytesMax = 128
/** A key of the store (SPEC 13), in bytes. */
export const storeKeyBytesMax = 256
/** Sockets of one guest, whatever they are for; the service counts connections apart. */
export const socketsMax = 256
/** Ports that are tried for a guest that says any. */
export const portPicksMax = 16
/** Datagrams of one `send`, and of one `receive`. */
export const datagramsPerCallMax = 64
/** A datagram's bytes, and what those of one `send` may have together. */
export const datagramBytesMax = 65_507
export const datagramsBytesMax = 131_072
/** Peers of an unconnected socket whose decisions are remembered. */
export const rememberedPeersMax = 64
/** Host calls that are told of one traced message. */
export const tracedCallsMax = 64
