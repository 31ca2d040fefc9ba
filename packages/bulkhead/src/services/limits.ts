/** Bounds of what the runtime does about services, with their units. */

/** How long a service that came down for good, or could not start, is left alone before the next need starts it again. */
export const serviceRestMs = 30_000
/** Faults of a service that goes on are told at most so often, in milliseconds. */
export const serviceFaultTellMs = 1_000
/** HTTP requests of who has no quota of them: more than any network makes. */
export const requestsUnlimitedPerHour = 3_600_000_000_000
/** Denials of the far side that wait for the journal, of one incarnation; of more only the number is told. */
export const farDenialsWaitingMax = 64
