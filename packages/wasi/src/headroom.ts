/**
 * Wasm shares its stack with us, so a guest can recurse until any instruction of ours overflows it: measured, a
 * `RangeError` appears between two statements that belong together. This probe takes the stack that a host call may need
 * before anything has changed, and gives it back. Real frames with real arguments: V8 does not inline direct recursion,
 * and pushes the arguments of every call (about 260 bytes a frame, optimised; more before).
 *
 * @param frames how many of them, each of about 260 bytes.
 * @throws {RangeError} when they do not fit.
 */
export function probeHeadroom(frames: number): number {
  return descend(frames, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// biome-ignore format: the shape of one frame, at a glance
function descend(
  left: number, a: number, _b: number, _c: number, _d: number, _e: number, _f: number, _g: number, _h: number,
  _i: number, _j: number, _k: number, _l: number, _m: number, _n: number, _o: number, _p: number, _q: number,
  _r: number, _s: number, _t: number, _u: number, _v: number, _w: number, _x: number,
): number {
  if (left === 0) return a
  return descend(left - 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}
