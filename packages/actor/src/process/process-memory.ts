// Perimeter: what a process of ours needs in memory, as far as it shows in this one.
import { readFileSync } from 'node:fs'
import type { PortableExecutable } from '@bulkhead/component/load'
import { javascriptHeapMegabytes } from '../limits.js'
import { codeCopies, codeRangeStepBytes, isolatesOfProcess, processOverheadBytes } from './limits.js'

/**
 * What a process may take: its guest's memory, its thread's heap, what Node takes, and the code as it came, as modules and
 * as it is compiled.
 */
export function processMemoryMax({ modules, glue }: PortableExecutable, guestBytesMax: number): number {
  const codeBytes = modules.reduce((sum, { bytes }) => sum + bytes.length, glue.length)
  return guestBytesMax + javascriptHeapMegabytes * 1024 * 1024 + processOverheadBytes + codeBytes * codeCopies
}

/**
 * What `RLIMIT_DATA` has to let through for a process that may hold so much. Newer V8 reserves half a gibibyte for machine
 * code in each isolate, which the kernel counts whether it is used or not.
 *
 * @param maps the memory map of a Node that is like it: this one.
 */
export function dataLimit(heldBytesMax: number, maps: string = ownMaps()): number {
  return heldBytesMax + isolatesOfProcess * reservedForCode(maps)
}

/** The largest region that may be written and executed; it is reserved in a few powers of two, and cut a little. */
function reservedForCode(maps: string): number {
  let largest = 0
  for (const [, from = '0', to = '0'] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp /gm)) {
    largest = Math.max(largest, Number.parseInt(to, 16) - Number.parseInt(from, 16))
  }
  return Math.ceil(largest / codeRangeStepBytes) * codeRangeStepBytes
}

function ownMaps(): string {
  return readFileSync('/proc/self/maps', 'latin1')
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
