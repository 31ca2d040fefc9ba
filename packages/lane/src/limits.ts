/** The smallest ring: below it the largest record would not hold a short path. */
export const laneCapacityBytesMin = 256
/** The largest ring: positions are unsigned 32-bit and must tell a full ring from an empty one. */
export const laneCapacityBytesMax = 1024 ** 3
/** Every record is preceded by its length: one unsigned 32-bit word. */
export const frameBytes = 4
/** A lane holds at least this many of its largest records. */
export const largestRecordsHeldMin = 4
/** A blocked side looks again this often, so that a wake-up lost with a killed thread costs this much and no more. */
export const waitSliceMs = 50
/** The same where `Atomics.waitAsync` does not exist and looking is the only way. */
export const pollSliceMs = 5
/** The request area of a slot, in bytes. */
export const slotRequestBytesMin = 64
export const slotRequestBytesMax = 16 * 1024 ** 2
/** A page of a slot's answer, in bytes. */
export const slotPageBytesMin = 64
export const slotPageBytesMax = 16 * 1024 ** 2
/** The longest answer, in pages: what the service keeps for one caller who takes its time. */
export const slotAnswerPagesMax = 256
