import { UNPRINTABLE } from './printable.js'

/**
 * JSON for one line of output. `JSON.stringify` leaves C1 controls and bidirectional marks as they are, and a terminal obeys
 * those too: they are written as escapes, so the value stays the same.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
