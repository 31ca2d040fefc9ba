/** Bounds of the runtime, with their units. */
export const outputBytesMax = 16 * 1024 * 1024
export const accessesMax = 10_000
export const deniedMax = 10_000
export const warmSparesMax = 2
