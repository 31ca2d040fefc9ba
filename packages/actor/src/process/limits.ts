/** Bounds of an actor in a process of its own, with their units. */

/** What the child says in words in one frame: a trap with its frames, or an error with its details. */
export const claimedJsonBytesMax = 512 * 1024
/** One frame of the child's: a message of the largest size with its head, or words. */
export const childFrameBytesMax = 2 * 1024 * 1024
/** What a guest can say that it waits for an answer: an unsigned 32-bit number of milliseconds. */
export const requestMsMax = 2 ** 32
/** One frame of the host's: a component of 64 MiB with its glue. */
export const hostFrameBytesMax = 512 * 1024 * 1024
/**
 * What the host reads from one child in one slice of time; beyond, that child waits. Each frame counts one, each piece in
 * which they come counts one, and each so many bytes of a frame one more.
 */
export const childWorkPerSlice = 1_000
export const childBytesOfWork = 16 * 1024
export const frameSliceMs = 100
/** The same for records: repeats of one decision cost the journal nothing, and the host's event loop a little each. */
export const recordsPerSlice = 2_000
/** Frames that the host has for one child beyond what the kernel takes: one reads its answers before it asks more. */
export const unreadFramesMax = 1_000
/** How long a process may stay after it has said that its guest ended. */
export const goodbyeMs = 5_000
/** A text of the child's: a message, a frame of a trap, a hint. */
export const claimedTextMax = 4 * 1024
/** Facts beside an error that the child reports. */
export const claimedDetailsMax = 16
/** Numbers in one copy of the child's ledger. */
export const ledgerEntriesMax = 32
/** How often the bridge looks whether the ledger has changed, and tells the host. */
export const mirrorMs = 25
/** How often the bridge looks whether the guest has left a host call under older rules. */
export const boundLookMs = 1
/** How often a full lane, or a ring that takes nothing now, is tried again. */
export const laneRetryMs = 2
/** How often it is looked at what a process holds. */
export const memoryLookMs = 200
/** How often `/proc` is asked whether a killed process is gone. */
export const goneLookMs = 2
/** What the bridge, the compiled code and the stacks of a process take beside the guest's own memory (TRAPS T17). */
export const processOverheadBytes = 192 * 1024 * 1024
/** Of the bridge and of the actor's worker. */
export const isolatesOfProcess = 2
/** What V8 reserves for machine code is a multiple of this. */
export const codeRangeStepBytes = 128 * 1024 * 1024
/** How often the code of a component is in memory while it starts: in a frame, in pieces, as modules, as machine code. */
export const codeCopies = 8
/** Descriptors of a process beside those of its guest: Node's own, its host's channels, files that Node reads. */
export const ownDescriptorsMax = 256
/** The stack of a process's first thread, which the kernel makes larger as it is used. */
export const stackBytesMax = 8 * 1024 * 1024
/** Processes and threads in one cgroup: about a dozen are Node's own. */
export const tasksMax = 64
/** How much the diagnostics of a process may say; the rest is dropped. */
export const diagnosticsBytesMax = 8 * 1024
/** The status that bubblewrap writes is some hundred bytes. */
export const statusBytesMax = 4 * 1024
/** How long a look for walls may take. */
export const wallsDeadlineMs = 10_000
/** What lies in a socket of a process that has ended is at most this, and then it is read at once. */
export const leftoverBytesMax = 4 * 1024 * 1024
/** How long the journal may take for the records that a process left behind. */
export const leftoverRecordsMs = 60_000
/** How long a guest waits for its host to find receivers, or to send. */
export const remoteAnswerMs = 5_000
/** How often a mailbox is looked at whether it rang or not. */
export const mailboxSliceMs = 50
/** How often calls of services are looked at whether their word moved or not; and where it cannot be waited for. */
export const serviceLookMs = 1_000
export const servicePollMs = 1
/** Answers of one service that a process has not read: an honest one reads whatever its guest does. */
export const answersUnreadMax = 8
/** The niceness of a process with an actor. */
export const processNice = 10
