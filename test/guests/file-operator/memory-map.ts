// Every buffer is at a fixed address above the static data: no allocator runs, so nothing disputes the pages that the
// preview1 adapter takes by growing the memory.

const base: usize = (__heap_base + 0xffff) & ~(<usize>0xffff)

/** iovec, prestat, filestat and the like: every call's small out-parameters. */
export const scratch: usize = base
/** The guest path of a preopened directory while it is compared. */
export const preopenName: usize = base + 0x1000
/** Descriptor of each slot. */
export const slots: usize = base + 0x4000
export const slotsMax: i32 = 1024
/** Command frames: one, or the body of a loop. */
export const frames: usize = base + 0x10000
export const framesBytesMax: i32 = 0x200000
/** What a call returned: file bytes, directory entries, link text. */
export const result: usize = frames + <usize>framesBytesMax
export const resultBytesMax: i32 = 0x100000
/** The answer line: errno, then the data in hexadecimal. */
export const answer: usize = result + <usize>resultBytesMax
