/** A guest's u64 as a number that is at most `max`. */
export function clampLength(length: bigint, max: number): number {
  return length > BigInt(max) ? max : Number(length)
}
