import { duration } from './duration.mjs'

/** child, outcome, restarts, checks granted and denied, time: one aligned row each. */
export function childrenTable(children) {
  const rows = [
    ['child', 'outcome', 'expected', 'restarts', 'granted', 'denied', 'time'],
    ...children.map(({ id, state, expect, restarts, usage, timeMs }) =>
      [id, state, expect, restarts, usage.checksGranted, usage.checksDenied, duration(timeMs ?? 0)].map(String),
    ),
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
  )
}
