/** Bounds and defaults of a context, with their units (SPEC 13). Zero means none. */
export const memoryBytesDefault = 64 * 1024 * 1024
export const handlesDefault = 256
export const pollablesMax = 1024
export const randomBytesPerCallMax = 64 * 1024
export const readBytesPerCallMax = 1024 * 1024
/** Mounts in one context; more would make the guest's root a maze that no reviewer reads. */
export const mountsMax = 64
/** Environment variables handed to one guest. */
export const environmentVariablesMax = 1024
