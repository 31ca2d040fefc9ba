// A cursor says where in the health events of which runtime somebody is: `ID-SEQ`. It may be kept for as long as one likes:
// a runtime that cannot go on from there says so, and does not refuse.

import type { HealthEvent } from '@bulkhead/vocabulary'
import { runtimeIdBytes } from './limits.js'

const digits = 2 * runtimeIdBytes
const form = new RegExp(`^([0-9a-f]{${digits}})-(0|[1-9][0-9]{0,15})$`)

/**
 * Where a reader of health events goes on after this one.
 *
 * @param runtimeId `runtime.id` of the runtime that raised it
 * @example
 * ```ts
 * runtime.on('health', (event) => save(cursorOf(event, runtime.id))) // '5f0c1a9be2d4-17'
 * ```
 */
export function cursorOf({ seq }: Pick<HealthEvent, 'seq'>, runtimeId: string): string {
  return `${runtimeId}-${seq}`
}

/**
 * The number of the last event that the holder of a cursor knows.
 *
 * @param after a cursor, or that number itself
 * @returns `undefined` for one of another runtime, of an event that was never raised, and for what is no cursor
 */
export function positionOf(after: string | number, runtimeId: string, last: number): number | undefined {
  const seq = typeof after === 'number' ? after : seqOf(after, runtimeId)
  return seq !== undefined && Number.isSafeInteger(seq) && seq >= 0 && seq <= last ? seq : undefined
}

function seqOf(cursor: string, runtimeId: string): number | undefined {
  const [, id, seq] = form.exec(cursor) ?? []
  return id === runtimeId ? Number(seq) : undefined
}
