/** The longest time that a full burst may take to earn, in nanoseconds: 104 days, so that every wait is an exact number. */
export const burstNsMax = Number.MAX_SAFE_INTEGER
/** The most that one take, rate, burst, reservation or limit may amount to. */
export const amountMax = Number.MAX_SAFE_INTEGER
/** Buckets and ledgers that one block of shared memory holds. */
export const blockSlotsMax = 64
/** Buckets of one rate tree. */
export const treeNodesMax = 65_536
/** Threads that take from one rate tree. */
export const treeSeatsMax = 32_767
/** Buckets on the way from one taker to the root of its tree, both counted: a tree is 16 deep at most. */
export const treeLevelsMax = 17
/** A usage mark is forgotten when the usage has fallen so many points (of 100) below it. */
export const hysteresisPercent = 5
