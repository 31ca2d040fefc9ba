// Every bound of this workspace, with its unit in the name.

/** Restarts of a service that is died, within the window; one more and it stays down. */
export const serviceRestartsMax = 5
export const serviceRestartWindowMs = 60_000
/** How long a service may take to close in order. */
export const serviceCloseMs = 10_000
/** A service that sleeps looks at its slots this often, so that a ring lost with a killed caller costs this and no more. */
export const idleLookMs = 1_000
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
