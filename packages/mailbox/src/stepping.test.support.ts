import { type Cells, SharedCells } from '@bulkhead/lane'
import { type ArenaCells, SharedArena } from './arena.js'
import { Bell } from './bell.js'
import { Inlet } from './inlet.js'
import { MailboxReader, type ReaderMemory, type ReaderOptions } from './mailbox-reader.js'
import { Outlet, type OutletMemory } from './outlet.js'
import { ProcessingMark } from './processing-mark.js'
import { SharedWords, type Words } from './words.js'

/** Thrown in place of a step: the thread has got no further. */
export class Stopped extends Error {}

/**
 * Numbers every step that changes shared memory and stops before the one with the number `stopAt`. A `dead` thread never
 * takes another step; one that is not goes on, as after an exception that somebody has caught.
 */
export class Steps {
  taken = 0
  readonly #stopAt: number
  readonly #dead: boolean

  constructor(stopAt: number, dead = true) {
    this.#stopAt = stopAt
    this.#dead = dead
  }

  step(act: () => void, half: () => void = () => {}): void {
    const number = this.taken++
    if (number === this.#stopAt) half()
    if (number === this.#stopAt || (this.#dead && number > this.#stopAt)) throw new Stopped()
    act()
  }
}

export function steppedCells(real: Cells, steps: Steps): Cells {
  return {
    capacityBytes: real.capacityBytes,
    load: (index) => real.load(index),
    wait: (index, seen, timeoutMs) => real.wait(index, seen, timeoutMs),
    waitAsync: (index, seen) => real.waitAsync(index, seen),
    getLength: (offset) => real.getLength(offset),
    copyOut: (offset, target, from, to) => real.copyOut(offset, target, from, to),
    store: (index, value) => steps.step(() => real.store(index, value)),
    notify: (index) => steps.step(() => real.notify(index)),
    putLength: (offset, length) => steps.step(() => real.putLength(offset, length)),
    copyIn: (offset, source, from, to) => steps.step(...copying(real, offset, source, from, to)),
  }
}

function steppedArena(real: ArenaCells, steps: Steps): ArenaCells {
  return {
    capacityBytes: real.capacityBytes,
    copyOut: (offset, target, from, to) => real.copyOut(offset, target, from, to),
    copyIn: (offset, source, from, to) => steps.step(...copying(real, offset, source, from, to)),
  }
}

/** A copy is not one step: half of it is there when the thread stops in it. */
function copying(
  real: Pick<ArenaCells, 'copyIn'>,
  offset: number,
  source: Uint8Array,
  from: number,
  to: number,
): [() => void, () => void] {
  return [
    () => real.copyIn(offset, source, from, to),
    () => real.copyIn(offset, source, from, from + ((to - from) >> 1)),
  ]
}

function steppedWords(real: Words, steps: Steps): Words {
  return {
    load: (index) => real.load(index),
    wait: (index, seen, timeoutMs) => real.wait(index, seen, timeoutMs),
    waitAsync: (index, seen) => real.waitAsync(index, seen),
    store: (index, value) => steps.step(() => real.store(index, value)),
    or: (index, bits) => steps.step(() => real.or(index, bits)),
    add: (index, amount) => steps.step(() => real.add(index, amount)),
    notify: (index) => steps.step(() => real.notify(index)),
    exchange: (index, value) => {
      steps.step(() => {})
      return real.exchange(index, value)
    },
  }
}

/** A sender that stops. */
export function steppedOutlet(memory: OutletMemory, steps: Steps): Outlet {
  return new Outlet(memory, {
    cells: steppedCells(new SharedCells(memory.ring), steps),
    bell: new Bell(memory.bell, steppedWords(new SharedWords(memory.bell), steps)),
    ...(memory.arena === undefined ? {} : { arena: steppedArena(new SharedArena(memory.arena), steps) }),
  })
}

/** A receiver that stops. */
export function steppedReader(memory: ReaderMemory, options: ReaderOptions, steps: Steps): MailboxReader {
  return new MailboxReader(memory, {
    ...options,
    bell: new Bell(memory.bell, steppedWords(new SharedWords(memory.bell), steps)),
    mark: new ProcessingMark(memory.mark, steppedWords(new SharedWords(memory.mark), steps)),
    openInlet: (inlet, inletOptions) =>
      new Inlet(inlet, { ...inletOptions, cells: steppedCells(new SharedCells(inlet.ring), steps) }),
  })
}
