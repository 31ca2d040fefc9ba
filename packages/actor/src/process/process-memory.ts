import type { PortableExecutable } from '@bulkhead/component/load'
import { javascriptHeapMegabytes } from '../limits.js'
import { codeCopies, processOverheadBytes } from './limits.js'

/**
 * What a process may take: its guest's memory, its thread's heap, what Node takes, and the code as it came, as modules and
 * as it is compiled.
 */
export function processMemoryMax({ modules, glue }: PortableExecutable, guestBytesMax: number): number {
  const codeBytes = modules.reduce((sum, { bytes }) => sum + bytes.length, glue.length)
  return guestBytesMax + javascriptHeapMegabytes * 1024 * 1024 + processOverheadBytes + codeBytes * codeCopies
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`
}
