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
/** How long an order that ends something waits to be recorded, in milliseconds: then it is carried out all the same. */
export const orderNoteMsMax = 2_000
/** How long `stop()` waits for the programs of `exec` that it killed, in milliseconds: longer than a kill takes to be verified. */
export const execStopMsMax = 3_000
/** How long a change that was refused waits for its record, in milliseconds; the record is written all the same. */
export const rejectionNoteMs = 1_000
/** Bytes of a tree file or manifest that are read (SPEC 4); the parser refuses what is longer. */
export const documentFileBytesMax = 256 * 1024

/** Parsed manifests kept at hand, of all runtimes of a process together. */
export const manifestsKeptMax = 256

/** Incarnations that send messages at a time, where a supervisor has a rate of messages. */
export const messageSeatsMax = 2_048
/** Children and supervisors that count for one rate of messages: more than 16 supervisors of 1,000 children. */
export const rateTreeNodesMax = 20_480
/** Mailboxes of the host that forward to one receiver who has no place for further lanes: 63 senders each. */
export const forwardersMax = 16
/** Lanes that one sender may have on the way to a mailbox: one that it writes, and those that wait to be read empty. */
export const lanesOfSenderMax = 8
/** How long a forwarder waits before it offers a message again that its receiver had no room for, in milliseconds. */
export const forwardRetryMs = 5
/** How often a run that may end for want of work is looked at in the time after which it does, and in milliseconds at most. */
export const idleLooks = 4
export const idleLookMsMin = 10
/** How long a run that is for one message waits for it, in milliseconds. */
export const callIdleMs = 5_000
/** Characters of a pool's name that its members' names begin with. */
export const poolStemCharactersMax = 48
/** How long a fault takes an upgrade back, in milliseconds. */
export const upgradeProbationMs = 60_000
/** Messages that the host reads before its event loop has its turn. */
export const readsPerTurn = 64
/** How often lanes are looked at that ended or lie idle, in milliseconds. */
export const sweepMs = 5_000
/** How long, after rules have changed, the ones before them count for messages of senders that were not yet told. */
export const rulesGraceMs = 100
/**
 * How long after that it is nobody's fault to send what newer rules refuse: the message is revoked, and its sender may have
 * been without its turn on a processor for so long, in milliseconds.
 */
export const rulesEnforcedMs = 10_000
/** How often quotas, episodes of overload and rates are sampled, in milliseconds. */
export const sampleMs = 1_000
/** Samples from which rates and sustained refusals are told. */
export const samplesKept = 5
/** Of those, so many with refusals make a child degraded. */
export const refusingSamplesMin = 3
/** How often requests that wait are looked through for cycles, in milliseconds. */
export const cycleScanMs = 250
/** How long a cycle of requests that was found is remembered for the timeout that follows, in milliseconds. */
export const cycleKeptMs = 60_000
/** How long a child whose requests formed a cycle is told to be degraded after the last one, in milliseconds. */
export const cycleDegradedMs = 10_000
/** The longest wait for the answer to a request of the host, in milliseconds; and what holds unless said. */
export const requestMsMax = 86_400_000
export const requestMsDefault = 30_000
/** Requests of the host that wait at a time. */
export const hostRequestsMax = 10_000
/** Calls of functions by name that wait at a time. */
export const callsWaitingMax = 10_000
/** Functions that an error names. */
export const listedFunctionsMax = 12
/** Subscriptions of the host at a time. */
export const hostSubscriptionsMax = 1_000
/** How long one message may keep the handlers of the host, in milliseconds, until the next one is begun beside it. */
export const hostHandlerMs = 30_000
/** How long a handler of the host may go on when the runtime stops, in milliseconds. */
export const hostStopMs = 1_000
/** Bytes of bodies that wait for the readers of all streams together: what is more is missed. */
export const streamBytesMax = 64 * 1024 * 1024
/** Messages that wait for a reader of a stream, unless it says otherwise, and at most. */
export const streamWaitingDefault = 256
export const streamWaitingMax = 10_000
/** Characters of an error of a handler that are told. */
export const handlerErrorCharactersMax = 200
/** The longest body that the host sends, in bytes (SPEC 13): what every mailbox takes. */
export const hostMessageBytesMax = 256 * 1024

/** The cap of the JavaScript heap of a worker, in bytes, as admission by memory counts it (SPEC 13). */
export const heapBytesClaimed = 64 * 1024 * 1024
/** Rings and lanes that every incarnation has, in bytes: that of its audit records, and three for its streams. */
export const ringBytesClaimed = 512 * 1024
/** What a process of its own holds beside the linear memory of its guest, in bytes, when the host's memory is watched. */
export const processBytesApart = 64 * 1024 * 1024
/** How long a start may take that has to build the component for its rung first, in milliseconds. */
export const startMsMax = 80_000
/** Seconds in a row with refusals by the quota of messages after which they are a flood, and a fault; divided by `time_scale`. */
export const floodSamplesMin = 10

/** A secret, in bytes. */
export const secretBytesMax = 64 * 1024
/** Values of one child's secrets, those of the past among them, that are left out of what is kept of its words. */
export const secretsRememberedMax = 256
/** What a line that is written counts for at least, in bytes: a record costs the host more than its text. */
export const logLineBytesMin = 32
/** A line of a log record, in bytes; a longer one becomes several. */
export const logLineBytesMax = 8 * 1024
/** The last records of a child that are kept: their number, and their bytes in memory. */
export const logRecordsPerChildMax = 1_000
export const logBytesPerChildMax = 1024 * 1024
/** The same of all children together, and of how many. */
export const logBytesMax = 64 * 1024 * 1024
export const logChildrenMax = 10_000
/** How often a component that exports `bulkhead:actor/lifecycle` is asked how it is, and how long an answer may take, in milliseconds (SPEC 9). */
export const healthEveryMs = 5_000
export const healthAnswerMs = 1_000
/** What a late host thread has not taken in yet is waited for so long before a silence counts, in milliseconds. */
export const healthLatenessMs = 50

/** Children that are named in metrics; further ones are summed up. */
export const labelledChildrenMax = 1_000

/** Characters of a topic, a name or a path that stand in a span. */
export const spanWordCharactersMax = 100

/** Host calls that are events of one span. */
export const spanCallsMax = 64
