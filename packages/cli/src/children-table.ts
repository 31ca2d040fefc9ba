import { formatDuration } from '@bulkhead/vocabulary'
import type { ChildReport } from 'bulkhead'
import type { ChildTimes } from './child-times.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'
import { type Column, renderTable } from './table.js'

const columns: readonly Column[] = [
  { title: 'child', align: 'left' },
  { title: 'outcome', align: 'left' },
  { title: 'restarts', align: 'right' },
  { title: 'granted', align: 'right' },
  { title: 'denied', align: 'right' },
  { title: 'time', align: 'right' },
]

/**
 * The table at the end of `run`: how each child ended, and the sums of its checks. A tree that was told to stop is not
 * judged by what was expected.
 */
export function renderChildren(
  children: readonly ChildReport[],
  times: ChildTimes,
  paint: Paint,
  expected: 'judged' | 'interrupted',
): readonly string[] {
  const rows = children.map((child) => {
    const time = times.of(child.id)
    return [
      printable(child.id),
      expected === 'judged' ? outcomeOf(child, paint) : child.state,
      String(child.restarts),
      String(child.usage.checksGranted),
      String(child.usage.checksDenied),
      time === undefined ? '' : formatDuration(time),
    ]
  })
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body]
}

function outcomeOf(child: ChildReport, paint: Paint): string {
  if (child.metExpectation) return paint('green', child.state)
  return paint('red', `${child.state} (expected ${child.expect})`)
}
