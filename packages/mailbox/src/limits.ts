// Every bound of this workspace, with its unit in the name.

/** The most bytes of a message's body, unless the receiver says otherwise (SPEC 13). */
export const messageBytesDefault = 256 * 1024
/** The most that a receiver may say. */
export const messageBytesCeiling = 1024 * 1024
/** The ring of one lane. */
export const laneBytesDefault = 64 * 1024
/** The smallest ring: a quarter of it holds all of a record but its body. */
export const laneBytesMin = 4096
/** What rings and arenas of one mailbox may have together. */
export const mailboxBytesDefault = 4 * 1024 * 1024
/** A mailbox whose largest messages need more than the default has place for this many rings beside the host's lane. */
export const ringsBesideHostMin = 16
/** The most messages that wait in one mailbox. */
export const mailboxMessagesDefault = 1024
/** A ring with less room than this is full to most senders. */
export const smallRecordBytes = 512
/** The most lanes of one mailbox, the host's own among them. */
export const mailboxLanesMax = 64
/** What every lane may hold, however many there are and however full the others are. */
export const laneMessagesMin = 8
/** An arena holds at least this many of the receiver's largest messages. */
export const arenaMessagesHeldMin = 4
/** Where a lane has an arena, records that are longer leave their body there, so that the ring has room for many. */
export const inlineBesideArenaBytesMax = 1024
/** A lane that was empty for so long is given back. */
export const laneIdleMs = 60_000
/** A reader that blocks looks at all lanes this often, so that a lost hint costs this much and no more. */
export const sweepSliceMs = 50
/** A reader that never blocks looks at all lanes after so many messages, for the same reason. */
export const takesPerSweep = 64
/** The most lanes that one take looks at before it answers that there is nothing for now. */
export const looksPerTake = 256
/** The longest subject, in bytes of UTF-8 (SPEC 3.4). */
export const subjectBytesMax = 256
/** The longest reply-to, in bytes of UTF-8. */
export const replyToBytesMax = 256
/** The longest name of a sender that the host stamps: a tenant, a slash, a child. */
export const senderBytesMax = 128
/** Dead letters that are kept; the oldest goes first. */
export const deadLettersMax = 10_000
/** The bytes that their bodies may have together; the oldest goes first. */
export const deadLetterBytesMax = 64 * 1024 * 1024
/** The most subscriptions of one routing table. */
export const subscriptionsMax = 10_000
/** Topics whose receivers a router remembers; when they are that many it forgets them all. */
export const cachedRoutesMax = 1024
/** Combinations of patterns that are tried to find a topic which two sides share; beyond, one is taken for granted. */
export const meetsTriedMax = 4096
