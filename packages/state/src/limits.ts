// Every bound of the state directory, with its unit in the name.

/** The format of the whole directory; another number in `version` is refused. */
export const formatVersion = 1

/** How often a lock is tried again because another process moved first. Each round means that some process made progress. */
export const lockRoundsMax = 100
/** How long a killed holder's threads may take to end; the kernel normally needs a few milliseconds. */
export const dyingPatienceMs = 2_000
export const dyingPollMs = 10
/** A lock file that is larger was not written by us. */
export const lockFileBytesMax = 4_096
/** How long the liveness socket of a holder in another pid namespace may take to answer; the kernel answers, not the holder. */
export const livenessAnswerMs = 1_000

export const secretBytesMin = 16
export const secretBytesMax = 1_024

export const segmentBytesMax = 200
export const pathSegmentsMax = 16

/** LMDB's own limit for keys, in a database of 4 KiB pages. */
export const storeKeyBytesMax = 1_978
/** A mebibyte, and room for a few words beside it. */
export const storeValueBytesMax = 1_048_832
/** What a store may hold, counted in pages of its tables. Its file may be larger, by pages that wait to be used again. */
export const storeBytesMax = 268_435_456
/** Tables of one store. */
export const storeTablesMax = 8
export const tableNameBytesMax = 64
/** What the disk must take before a store is opened: more than LMDB writes for a new one. */
export const roomBytes = 131_072
/** How long the walk of a store that nobody vouches for may take. */
export const walkMs = 120_000
/** Entries that the walk copies in one transaction. */
export const copyBatchEntries = 64
/** What the process that walks may say. */
export const walkReportBytesMax = 16_384
