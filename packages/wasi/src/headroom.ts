import { headroomFrames } from './limits.js'

/**
 * Wasm shares its stack with us, so a guest can recurse until any instruction of ours overflows it: measured, a
 * `RangeError` appears between two statements that belong together. This probe takes the stack that a host call may need
 * before anything has changed, and gives it back. Real frames with real arguments: V8 neither inlines direct recursion
 * nor drops arguments that travel on.
 *
 * @throws {RangeError} when less than about 16 KiB of stack are left.
 */
export function probeHeadroom(): number {
  return descend(headroomFrames, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)
}

// biome-ignore format: the shape of one frame, at a glance
function descend(
  left: number, a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number,
  i: number, j: number, k: number, l: number, m: number, n: number, o: number, p: number, q: number,
  r: number, s: number, t: number, u: number, v: number, w: number, x: number,
): number {
  if (left === 0) return a
  return descend(left - 1, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, a)
}
