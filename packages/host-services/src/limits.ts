// Every bound of this workspace, with its unit in the name.

/** Restarts of a service that is died, within the window; one more and it stays down. */
export const serviceRestartsMax = 5
export const serviceRestartWindowMs = 60_000
/** How long a service may take to close in order. */
export const serviceCloseMs = 10_000
/** A service that sleeps looks at its slots this often, so that a ring lost with a killed caller costs this and no more. */
export const idleLookMs = 1_000
/** The network's thread looks again so soon where it cannot wait to be rung. */
export const networkPollMs = 1
/** Denials that a channel may have on their way to the host; more are counted and told with a later one. */
export const deniedReportsMax = 32
/** Channels of a service. */
export const channelsMax = 4_096

// The store.

/** A request of the store: a value of its largest size, its names, and room for what frames them. */
export const storeRequestBytes = 1_048_576 + 16_384
/** A page of the store's answers. */
export const storePageBytes = 65_536
/** A key (SPEC 13). */
export const keyBytesMax = 256
/** A name space as a request spells it. */
export const namespaceBytesMax = 512
/** A scope, which stands before every name of a channel. */
export const scopeBytesMax = 128
/** Who pays for a value: a child id. */
export const ownerBytesMax = 128
/** A value (SPEC 13). */
export const valueBytesMax = 1_048_576
/** Keys of one listing (SPEC 13). */
export const listedKeysMax = 10_000
/** Keys of one batch. */
export const batchKeysMax = 1_000
/** Keys that a listing looks at before others have their turn. */
export const listingStepKeys = 10_000
/** What all values of a batch that is read may have together. */
export const batchAnswerBytesMax = 8_388_608
/** What a caller may cost in a round while others wait: bytes, and bytes' worth of looking. */
export const roundQuantum = 65_536
/** What looking at one key costs, in the same. */
export const keyCost = 256
/** What one group of writes may hold, so that nobody waits long for its commit. */
export const groupBytesMax = 8_388_608
/** What the whole store may hold, in bytes, unless the host says otherwise. */
export const storeBytesMaxDefault = 4 * 1024 ** 3

// The network.

/** A request of the network: what one write may hold, and what frames it; the head of an HTTP exchange fits as well. */
export const networkRequestBytes = 131_072 + 8_192
/** A page of the network's answers. */
export const networkPageBytes = 131_072
/** Bytes of one read or write. */
export const pieceBytesMax = 65_536
/** Everything that a channel has opened. */
export const networkHandlesMax = 1_024
/** What waits in a connection to be read, and to be sent. */
export const socketBufferBytes = 65_536
/** Writes that wait in a connection to be sent, however short each is: every one costs more than its bytes. */
export const writesWaitingMax = 256
/** Connections of a channel, unless the host says otherwise (SPEC 13). */
export const connectionsDefault = 32
/** Pins of a channel: pairs of an address and a name (SPEC 3.2). */
export const pinsMax = 256
/** A pin that nothing holds ends so long after its last use. */
export const pinLifeNs = 600_000_000_000n
/** Addresses that are taken of one answer. */
export const addressesPerNameMax = 64
/** Look-ups at once, of all channels: they share four threads with the file system. */
export const lookupsAtOnceMax = 3
/** Look-ups of a channel that wait for their turn. */
export const lookupsWaitingMax = 16
/** How long a look-up may take, the wait for its turn with it. */
export const lookUpMs = 30_000
export const connectMs = 10_000
/** Addresses of a name that are tried one after the other. */
export const addressesTriedMax = 4
/** A connection that its guest has closed may take so long to send what was written. */
export const lingerMs = 30_000
/** Connections that wait to be accepted. */
export const acceptQueueMax = 64
/** Datagrams of a socket that wait to be read, and to be sent; of 65,507 bytes at most. */
export const datagramsWaitingMax = 64
export const datagramBytesMax = 65_507
/** What all datagrams of one read may have together. */
export const datagramsBytesMax = 131_072
export const pollInterestsMax = 1_024
/** Header fields of a request, and their bytes; the bytes of a response's. */
export const httpFieldsMax = 128
export const httpFieldBytesMax = 65_536
/** Header fields of a response, and trailers. */
export const responseFieldsMax = 1_024
/** Method, authority and path, each. */
export const httpTextBytesMax = 8_192
/** The head of a response, the pauses in its body, and of a request's: waits that have no other bound. */
export const httpWaitMs = 30_000
/** The body of a response, unless the host says otherwise. */
export const responseBytesMaxDefault = 256 * 1024 ** 2
/** HTTP requests of a channel, unless the host says otherwise: the largest rate that can be written. */
export const requestsDefault = { rate: { amount: 1_000_000, perMs: 1_000 } } as const
/** How long a connection waits for the next exchange. */
export const keepAliveMs = 4_000
/** Connections that wait so, of one channel. */
export const idleConnectionsMax = 8
