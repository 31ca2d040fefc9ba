/** Bundles that are kept, and their bytes together; above it the oldest of the child with the most makes place. */
export const incidentsMax = 100
export const incidentsBytesMax = 16 * 1024 * 1024
/** Incidents that may wait to be written: those of a tree that goes to pieces at once. */
export const incidentsWaitingMax = 100
/** How far back the audit log is searched for records of the child, in bytes. */
export const auditTailBytes = 4 * 1024 * 1024
/** What a run recorded is on the disk so long after its end, in milliseconds. */
export const auditSettleMs = 100
/** Children of which the last events and the last output are at hand; above it the one that was quiet longest is forgotten. */
export const pastsMax = 1_000
/** Events of one child that are at hand. */
export const pastEventsMax = 200
/** Bytes of one child's output that are at hand. */
export const pastLogBytesMax = 16_384
/** Values of variables that are shorter say nothing, and would be found everywhere: characters. */
export const secretCharactersMin = 4
/** Values of variables that are taken out of a bundle. */
export const secretsMax = 1_000

/** Incidents whose hooks run at a time, and those that may wait for it. */
export const hooksAtOnceMax = 4
export const hooksWaitingMax = 100
/** How long a hook has where no tree file says so, in milliseconds. */
export const hookDeadlineMsDefault = 10_000
/** How long the end of a runtime waits for hooks, in milliseconds; each has its own deadline besides. */
export const hooksStopMs = 5_000
/** Characters of what a hook says of its failure. */
export const hookReasonCharactersMax = 500
/** Audit records of the child in a bundle. */
export const auditRecordsMax = 200
