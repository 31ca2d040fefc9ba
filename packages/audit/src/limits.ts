/** The ring between one actor's worker and the journal. */
export const auditRingBytes = 256 * 1024
/** How many rings one journal drains. */
export const ringsMax = 4_096
/** A run of identical decisions shares one record for at most this long. */
export const runWindowNs = 100_000_000n
/** How many decisions one run may stand for: the count must stay within an unsigned 32-bit word. */
export const runCountMax = 2 ** 31
/** Records that one actor may write in a second, and at once, unless said; repeats within a run are not records. */
export const recordsPerSecondDefault = 2_000

/** A resource, rule or reason is cut to this many bytes of UTF-8. */
export const textBytesMax = 1_024
/** A host application's kind and action, each a name, and the point between them. */
export const kindBytesMax = 127
/** The longest host path that is looked at to classify a probe: Linux has no longer ones. */
export const probePathBytesMax = 4_096
/** Texts whose encoded bytes an actor's ring remembers. */
export const encodedTextsMax = 512
/** Facts beside an administrative record. */
export const detailsMax = 16

/** Records of one ring that the journal takes before it turns to the next. */
export const drainRecordsMax = 256
/** Reported records of one ring that the host has not yet taken; beyond it the journal leaves this ring alone. */
export const reportsUntakenMax = 4_096
/** This many distinct probes of one ring … */
export const probesDistinctMax = 256
/** … within this time count as one violation. */
export const probeWindowMs = 10_000

/** A strict writer that waits for room looks this often whether the journal has stalled. */
export const roomLookMs = 250

/** The journal naps so long after work, so that one write takes many records. */
export const napMs = 5
/** It looks at its rings at least this often, bell or not. */
export const idleMs = 500
/** How long it waits before it tries a failed write again. */
export const retryMs = 250
/** Without progress for this long it counts as stalled. */
export const stallMs = 5_000
/** How often the host looks at the journal's heartbeat. */
export const heartbeatCheckMs = 1_000

/** A log file is closed and the next one begun when it has reached this size. */
export const fileBytesMaxDefault = 64 * 1024 * 1024
/** No more records than this are ever without a seal; a log with more was tampered with. */
export const unsealedRecordsMax = 1_000
/** A seal follows a record within this time. */
export const sealIntervalMs = 1_000
/** The longest line of a log: what is longer was not written by a journal. */
export const lineBytesMax = 256 * 1024
/** Who follows a log looks for new lines this often. */
export const followLookMs = 200
/** A transport that takes nothing for so long is told of. */
export const transportSlowMs = 5_000
/** One that failed is started again after this time, which doubles … */
export const transportRetryMs = 1_000
/** … up to this one. */
export const transportRetryMsMax = 60_000
/** At the end it has so long to take what is left, and no longer. */
export const transportEndMsMax = 5_000
/** A verification names so many problems and counts the rest. */
export const problemsMax = 100
