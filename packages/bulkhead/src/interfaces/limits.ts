/** Interfaces that one runtime offers, and functions of one of them. */
export const interfacesMax = 64
export const interfaceFunctionsMax = 256
/** Bytes of one answer. */
export const interfaceAnswerBytesMax = 1024 * 1024
/** What of an answer lies in a slot at once, in bytes. */
export const answerPageBytes = 64 * 1024
/** Calls of one incarnation: so many a second, and so many at once. */
export const callsPerSecondMax = 1_000
/** Calls of all children that run at a time; further ones wait for their turn. */
export const runsMax = 256
/** Calls of one child that go on although nobody waits for them any more: with so many no further one is begun. */
export const orphansPerChildMax = 8
/** Requests for which one call may ask. */
export const requestsPerCallMax = 64
/** How often slots are looked at without a wake-up, in milliseconds, and where the engine cannot wait for one. */
export const idleLookMs = 1_000
export const pollMs = 2
/** How long a call waits before it offers its record to the journal again, in milliseconds. */
export const recordRetryMs = 2

/** Of a program that is started for a component: its arguments, their bytes together, its input and each output. */
export const spawnArgumentsMax = 256
export const spawnArgumentBytesMax = 64 * 1024
export const spawnInputBytesMax = 1024 * 1024
export const spawnOutputBytesMax = 1024 * 1024
/** How long it may run unless said, and at most, in milliseconds. */
export const spawnMsDefault = 10_000
export const spawnMsMax = 600_000
