// Every bound of the accounts that are kept, with its unit in the name.

/** Records: of children that are there, of those that are gone, and of the seeds. */
export const accountRecordsMax = 50_000
/** How long a record of a child that is gone, or a seed, is kept when nobody adds to it: 30 days. */
export const accountKeptMs = 2_592_000_000
/** The longest key that is written as it is; longer ones (an origin may be a deep directory) by their digest. */
export const accountKeyBytesMax = 512
/** Charged exits in one window: as many as a tree file may forgive, and the one that is too many. */
export const chargesMax = 1_001
