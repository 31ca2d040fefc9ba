/** Bounds of the runtime, with their units. */
export const outputBytesMax = 16 * 1024 * 1024
export const accessesMax = 10_000
export const deniedMax = 10_000
/** Distinct denials of one incarnation of a child that are explained and told; all of them are in the audit log. */
export const deniedOfChildMax = 1_000
export const probedMax = 1_000
export const warmSparesMax = 2
/** So many threads that would not end, and the process drains and gives itself up to its outer supervisor (DESIGN D9). */
export const zombiesMax = 2
/** How long the journal may make no progress before the process gives itself up, in milliseconds (SPEC 11). */
export const journalStalledMsMax = 60_000
/** How long `stop()` waits for the programs of `exec` that it killed, in milliseconds: longer than a kill takes to be verified. */
export const execStopMsMax = 3_000
/** How long a change that was refused waits for its record, in milliseconds; the record is written all the same. */
export const rejectionNoteMs = 1_000
/** Bytes of a tree file or manifest that are read (SPEC 4); the parser refuses what is longer. */
export const documentFileBytesMax = 256 * 1024

/** Parsed manifests kept at hand, of all runtimes of a process together. */
export const manifestsKeptMax = 256
