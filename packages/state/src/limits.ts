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
