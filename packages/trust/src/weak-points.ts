// Ed25519 points that no honest generator makes. A point of small order verifies signatures that anybody can write, and a
// y coordinate that is not reduced is a second spelling of another key.

const p = 2n ** 255n - 19n

// The y coordinates of the eight points whose order divides 8. Two points share a y, with either sign bit.
const smallOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  p - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  p - 2707385501144840649318225287225658788936804267575313519463743609750303402022n,
])

/** Whether 32 bytes encode a point of small order, in any spelling, or any point in a spelling that is not canonical. */
export function isWeakEd25519Point(bytes: Uint8Array): boolean {
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) & (2n ** 255n - 1n)
  return y >= p || smallOrder.has(y)
}
