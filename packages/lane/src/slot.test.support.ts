import { createSlot, type SlotMemory } from './slot.js'
import { createSlotBell } from './slot-bell.js'
import { SlotCaller, type SlotCallerOptions } from './slot-caller.js'
import { SharedSlotCells, type SlotCells } from './slot-cells.js'

/** Thrown in place of a step: the thread has got no further. */
export class Stopped extends Error {}

/** Called before each numbered step that changes shared memory. */
export type BeforeStep = (step: number) => void

/** A slot whose longest request and whose page are 64 bytes. */
export function makeSlot(): SlotMemory {
  const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
  return createSlot({ requestBytes: 64, pageBytes: 64, wake, bell: createSlotBell() })
}

/** A caller whose sleep is `park`: what happens while it sleeps. */
export function makeCaller(memory: SlotMemory, park: () => void, options: Partial<SlotCallerOptions> = {}): SlotCaller {
  const wake = new Int32Array(memory.wake.buffer)
  return new SlotCaller(memory, { nowNs: () => 1n, wakeCount: () => Atomics.load(wake, 0), park, ...options })
}

/** Stops at the step with this number, and at every later one: a dead thread. */
export function dieAt(stop: number): BeforeStep {
  return (step) => {
    if (step >= stop) throw new Stopped()
  }
}

/** Real cells with a hook before each step that changes something; a copy is half done when it is stopped. */
export function steppedCells(memory: SlotMemory, before: BeforeStep): SlotCells {
  const real = new SharedSlotCells(memory)
  let steps = 0
  const step = (half?: () => void): void => {
    try {
      before(steps++)
    } catch (stopped) {
      half?.()
      throw stopped
    }
  }
  return {
    load: (word) => real.load(word),
    loadInstant: (instant) => real.loadInstant(instant),
    getRequest: (length) => {
      step()
      return real.getRequest(length)
    },
    getPage: (target, at, length) => {
      step()
      real.getPage(target, at, length)
    },
    store: (word, value) => {
      step()
      real.store(word, value)
    },
    exchange: (word, expected, next) => {
      step()
      return real.exchange(word, expected, next)
    },
    storeInstant: (instant, value) => {
      step()
      real.storeInstant(instant, value)
    },
    putRequest: (bytes) => {
      step(() => real.putRequest(bytes.subarray(0, bytes.length >> 1)))
      real.putRequest(bytes)
    },
    putPage: (bytes) => {
      step(() => real.putPage(bytes.subarray(0, bytes.length >> 1)))
      real.putPage(bytes)
    },
    wakeCaller: () => {
      step()
      real.wakeCaller()
    },
  }
}

/** Runs and says whether it was stopped. */
export function stops(run: () => void): boolean {
  try {
    run()
    return false
  } catch (error) {
    if (error instanceof Stopped) return true
    throw error
  }
}
