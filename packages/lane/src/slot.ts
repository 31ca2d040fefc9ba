// The slot: how a guest's thread, which blocks, calls a service on a thread of its own. One slot for each incarnation of an
// actor and each service; it is made by the host, mapped by the two ends and the host, and never given to another
// incarnation. One call at a time; it is reused by the calls of its incarnation, told apart by their number.
//
//   header   │ state: call number (29 bits), phase (3 bits) │ caller's words │ service's words │ host's word │
//   request  │ bytes that the caller alone writes │            answer │ one page that the service alone writes │
//
//          post            take             answer                       (the caller has the page and wants more)
//   idle ───────► posted ───────► running ────────► done ───► next ───► done …
//                   │                │                         │
//                   └────────────────┴──── cancelled │ failed ◄┘        (caller: deadline, stop; host: the service died)
//
// Either end may be killed at any instruction, and neither may keep the other from going on.
//
// INVARIANT (one-store steps): everything that belongs to a step is written before it, where the other end does not look,
// and the step is ONE compare-and-exchange of the state. Killed before it, it did not happen; after it, it did.
//
// INVARIANT (a step is of a call): the state holds the call's number, so a step of the service on a call that the caller
// has given up fails: a late answer is never taken for the answer to the next call. The service writes its page before it
// tries, but the caller reads the page only after a step of its own call, and the service takes that call only after.
//
// INVARIANT (claims): the service finds the caller's claims. It copies the length out once, checks the copy, copies the
// bytes out, and takes the call only if its state is then still the one that it saw; a length that cannot be is
// `LaneCorruption`, the caller's security fault. Who the caller is, is which slot it is.
//
// Alternatives that fail: a state without the number (the answer to a call that timed out is taken for the next one's); a
// flag for each step (two of them cannot be moved at once, and the one who dies between leaves neither); a lock (a killed
// holder keeps it); giving the slot a fresh memory at each call (the host would have to be asked); two lanes (the answer
// to a call that was given up stays in the lane in front of the next one's, and a caller that stops reading fills it);
// `MessagePort` (the guest's thread blocks and never turns its event loop; and `receiveMessageOnPort` cannot wait).
//
// Deadlines are absolute, in monotonic nanoseconds of one origin. A call whose deadline has passed when the service comes
// to it is not begun. Whoever gave up a call that had begun does not know how far it came, and is told so.
import { BulkheadError } from '@bulkhead/vocabulary'
import { slotPageBytesMax, slotPageBytesMin, slotRequestBytesMax, slotRequestBytesMin } from './limits.js'

/** A word on which a thread sleeps and which others add to: an actor's wake word. */
export type WakeWord = { readonly buffer: SharedArrayBuffer; readonly byteOffset: number }

/** A slot's memory. Plain: it is cloned to the two ends. */
export type SlotMemory = {
  readonly buffer: SharedArrayBuffer
  readonly requestBytes: number
  /** What of an answer lies in the slot at once. */
  readonly pageBytes: number
  /** Added to and notified at every step that the caller may wait for. */
  readonly wake: WakeWord
  /** Rung at every step that the service may wait for: shared by all slots of a service. */
  readonly bell: SharedArrayBuffer
}

export const phase = { idle: 0, posted: 1, running: 2, done: 3, cancelled: 4, next: 5, failed: 6 } as const
export type Phase = (typeof phase)[keyof typeof phase]

/** The 32-bit words of a slot, as indices. Each writer has a cache line of its own. */
export const slotWord = {
  /** Moved by compare-and-exchange alone. */
  state: 0,
  /** Written by the caller. */
  requestLength: 16,
  /** Written by the service: bytes of the whole answer. */
  answerLength: 32,
  /** Written by the host: 1 when no call will be served any more. */
  closed: 48,
} as const

/** The 64-bit words of a slot, as indices. */
export const slotInstant = {
  /** Written by the caller: when the call ends by itself; 0 never. */
  deadline: 9,
  /** Written by the caller: when it posted. */
  posted: 10,
  /** Written by the caller: how long calls waited that it gave up before they were taken. */
  queuedInVain: 11,
  /** Written by the service: how long calls waited that it took. */
  queued: 17,
} as const

export const slotHeaderBytes = 256

export type SlotOptions = {
  /** The longest request, in bytes: 64 B to 16 MiB, a multiple of 8. */
  readonly requestBytes: number
  /** A page of the answer, in bytes: 64 B to 16 MiB, a multiple of 8. Longer answers come in several. */
  readonly pageBytes: number
  readonly wake: WakeWord
  readonly bell: SharedArrayBuffer
}

/**
 * Makes a slot. Memory that no call has touched takes no room in the machine's.
 *
 * @throws {BulkheadError} `usage` for sizes that cannot be.
 * @example
 * ```ts
 * const bell = createSlotBell() // one for the service
 * const memory = createSlot({ requestBytes: 64 * 1024, pageBytes: 64 * 1024, wake: { buffer: ledger, byteOffset: 0 }, bell })
 * new SlotCaller(memory, { nowNs, wakeCount, park }) // in the actor's worker
 * new SlotServer(memory) // in the service
 * new SlotHost(memory) // in the host
 * ```
 */
export function createSlot(options: SlotOptions): SlotMemory {
  const { requestBytes, pageBytes, wake, bell } = options
  checkSize('request', requestBytes, slotRequestBytesMin, slotRequestBytesMax)
  checkSize('page', pageBytes, slotPageBytesMin, slotPageBytesMax)
  const buffer = new SharedArrayBuffer(slotHeaderBytes + requestBytes + pageBytes)
  return { buffer, requestBytes, pageBytes, wake, bell }
}

/** The state word of a call in a phase. The number wraps at 2²⁹: no call is that late. */
export function stateOf(call: number, at: Phase): number {
  return (call << 3) | at | 0
}

export function phaseOf(state: number): Phase {
  return (state & 7) as Phase
}

export function callOf(state: number): number {
  return state >>> 3
}

function checkSize(what: string, bytes: number, min: number, max: number): void {
  if (Number.isInteger(bytes) && bytes >= min && bytes <= max && bytes % 8 === 0) return
  throw new BulkheadError('usage', `\`${bytes}\` bytes cannot be the ${what} of a slot`, {
    hint: `a multiple of 8 from ${min} to ${max}`,
  })
}
