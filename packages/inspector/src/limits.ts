// Every bound of the inspector, with its unit in the name.

/** The request line and the header fields of a request. */
export const headBytesMax = 16 * 1024
/** How long a client may take for the head of a request, and for all of it. */
export const headMs = 5_000
export const requestMs = 15_000
/** How often it is looked for clients that take longer. */
export const lateLookMs = 1_000
/** Connections at a time; more are closed at once. */
export const connectionsMax = 256
/** How long a connection without a request is kept. */
export const keepAliveMs = 5_000
/** How long a client may take nothing of an answer, or of a stream. */
export const stalledMs = 60_000
/** How long an order may take to be carried out. */
export const orderMs = 600_000
/** Body of an order. */
export const bodyBytesMax = 64 * 1024
/** Streams of events at a time, of all kinds together. */
export const streamsMax = 100
/** A stream that has nothing to say says so this often, so that its client and what lies between know that it lives. */
export const heartbeatMs = 15_000
/** How long a client that was refused for want of room should wait, in seconds. */
export const retryAfterSeconds = 5
/** Denials that are kept. */
export const denialsKeptMax = 200
/** One sample a second: five minutes. */
export const samplesKeptMax = 300
/** Of them, how many go into one message to a page. */
export const samplesAtOnceMax = 15
export const sampleMs = 1_000
/** Samples are taken for so long after somebody looked. */
export const lookedMs = 60_000
/** Children in one sample. */
export const childrenSampledMax = 1_000
/** A health event brings a new look at the tree, but not more often than this. */
export const lookAgainMs = 100
/** The review queue is looked at whenever something was decided, and each so many looks at the tree. */
export const reviewLooks = 10
/** Health events of before that a page is told when it opens. */
export const eventsReplayedMax = 200
/** Shorter ones can be guessed. */
export const tokenCharactersMin = 16
/** Characters of one reason in the text that a probe gets. */
export const reasonShownCharactersMax = 500
/** Files of the page, and bytes of each. */
export const pageFilesMax = 64
export const pageFileBytesMax = 4 * 1024 * 1024
/** Capabilities that a narrowed approval may name, and characters of each. */
export const capabilitiesMax = 256
export const capabilityCharactersMax = 4_352
export const reasonCharactersMax = 1_000
export const fingerprintCharactersMax = 256
