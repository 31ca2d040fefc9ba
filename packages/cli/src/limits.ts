/** Text that a guest or a component's author chose is cut at this many characters wherever it is shown. */
export const shownTextCharactersMax = 200
/** An unfinished line of a child's output is shown after this many bytes, so that one without line ends cannot grow. */
export const outputLineBytesMax = 8192
/** A stop that was asked for once is forced by a second signal; after an orderly end, what still holds the process is left behind after this time. */
export const lingerMs = 2000
/** Denials listed after a run; the rest is counted. */
export const denialsShownMax = 50
/** Probes listed by `--verbose`. */
export const probesShownMax = 200
/** Names that `inspect` lists on one line before it counts the rest. */
export const namesShownMax = 6
/** After this time a process that hangs in its own exit is ended from outside. */
export const exitGraceMs = 2_000
/** A process that gave itself up stops its children for at most this long before it exits all the same. */
export const surrenderMs = 10_000
/** A document that is larger is refused by its reader (SPEC 4). */
export const documentBytesMax = 262_144
/** A component that is larger is not signed or verified (SPEC 13). */
export const componentBytesMax = 67_108_864
/** A name of a user that is longer is cut before it goes into the audit log. */
export const authorCharactersMax = 128
export const dayMs = 86_400_000
/** A policy is signed for this long unless the signer says otherwise. */
export const signatureDaysDefault = 90
/** How long a command waits for a state directory that is held by somebody who does not answer. */
export const deskPatienceMs = 10_000
export const deskRetryMs = 50
/** How long a command that follows a process waits between two looks for the next one. */
export const reconnectMs = 250
/** How often `top` looks, unless it is told otherwise, and at most, in milliseconds. */
export const topIntervalMs = 1_000
export const topIntervalMsMin = 100
/** A health event stands in the head of `top` for this long. */
export const topEventMs = 10_000
/** Characters of a filter of `top`. */
export const topFilterCharactersMax = 64
/** A body that is shown in one line, beside others, is cut at this many characters. */
export const bodyShownCharactersMax = 1_000
/** A line of a log is cut at this many characters where it is shown. */
export const loggedCharactersMax = 1_000
/** Dead letters that were not sent again and are named one by one; the rest is counted. */
export const lettersNamedMax = 50
/** Of a dead letter's body a list shows this many characters. */
export const letterHeadCharactersMax = 48
/** While something is prepared at the start, the service manager is asked for this much more time, and how often. */
export const extendTimeoutUs = 120_000_000
export const extensionEveryMs = 5_000
/** A service manager is told how it goes at most this often. */
export const statusMs = 5_000
/** What a service manager is told is given up after this time. */
export const deliveryMsMax = 10_000

/** `audit query --limit` keeps at most so many records in memory. */
export const recordsShownMax = 100_000

/** Whoever presses the completion key waits so long for the names of children. */
export const completionWaitMs = 700

/** So many names of files are suggested. */
export const filesSuggestedMax = 500
