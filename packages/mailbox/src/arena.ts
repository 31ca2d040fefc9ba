import { arenaMessagesHeldMin } from './limits.js'

// The arena: where bodies lie that are too large for a lane's ring. Each lane has its own, with the lane's one writer.
//
// It has no shared state at all, neither positions nor lengths. The writer knows by itself where the next body goes; the
// record in the lane says where it lies; the lane's one store makes both visible; the reader's one store (`head`) frees
// both. So a writer may be killed at any byte: a body that no committed record names was never sent, and nobody else
// will ever write there, since an arena dies with its lane.
//
// Alternatives that fail: a free list in shared memory (a killed writer leaves it half-linked, a subverted one links the
// list to itself); a word "taken" in each block (set by a writer that dies before the commit, it is never cleared); the
// arena's own `head`, moved by the reader beside the lane's (killed between the two stores, one of them lies).

/** What is done to an arena's bytes; a port for the same reason as a lane's `Cells`. */
export type ArenaCells = {
  readonly capacityBytes: number
  /** Copies `source[from, to)` to `offset`; never across the end. */
  readonly copyIn: (offset: number, source: Uint8Array, from: number, to: number) => void
  /** Copies from `offset` to `target[from, to)`; never across the end. */
  readonly copyOut: (offset: number, target: Uint8Array, from: number, to: number) => void
}

/** The real bytes. */
export class SharedArena implements ArenaCells {
  readonly capacityBytes: number
  readonly #bytes: Uint8Array

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory)
    this.capacityBytes = memory.byteLength
  }

  copyIn(offset: number, source: Uint8Array, from: number, to: number): void {
    this.#bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), offset)
  }

  copyOut(offset: number, target: Uint8Array, from: number, to: number): void {
    target.set(this.#bytes.subarray(offset, offset + to - from), from)
  }
}

/** The size of an arena for a receiver that takes bodies of so many bytes: four of them, up to the next power of two. */
export function arenaBytesFor(messageBytesMax: number): number {
  return 2 ** Math.ceil(Math.log2(arenaMessagesHeldMin * messageBytesMax))
}

/** Copies a body in at a position, which counts bytes for ever and wraps at 2³². */
export function putBody(arena: ArenaCells, position: number, body: Uint8Array): void {
  const at = position & (arena.capacityBytes - 1)
  const untilEnd = Math.min(body.length, arena.capacityBytes - at)
  arena.copyIn(at, body, 0, untilEnd)
  if (untilEnd < body.length) arena.copyIn(0, body, untilEnd, body.length)
}

/** Copies the body at a position to `target`, from `at` on. The caller has judged the length. */
export function getBody(arena: ArenaCells, position: number, bodyBytes: number, target: Uint8Array, at: number): void {
  const offset = position & (arena.capacityBytes - 1)
  const untilEnd = Math.min(bodyBytes, arena.capacityBytes - offset)
  arena.copyOut(offset, target, at, at + untilEnd)
  if (untilEnd < bodyBytes) arena.copyOut(0, target, at + untilEnd, at + bodyBytes)
}
