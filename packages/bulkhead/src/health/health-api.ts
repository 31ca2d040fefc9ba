// What a host application learns of how its runtime stands.

import type { HealthEventType } from '@bulkhead/vocabulary'
import { checkEventOptions } from '../options/check-options.js'
import type { HealthDesk } from './health-desk.js'
import type { HealthQuestion } from './health-log.js'
import type { HealthItem } from './health-reader.js'
import type { HealthReport } from './health-report.js'

export type HealthApi = {
  /** A short random text, another one at each start: `seq` of health events begins with 1 in each. */
  readonly id: string
  /**
   * The health events that are kept (the last 10,000), and then those that come, in order and without a gap, until `signal`
   * or the runtime's end. Nobody waits for a reader: one that falls more than that behind gets an item that says what it
   * missed. The same is said of a cursor that cannot be gone on from; no cursor is an error.
   *
   * @throws {BulkheadError} `usage` for options that there are not
   * @example
   * ```ts
   * for await (const item of runtime.events({ after: lastCursor, types: ['child.quarantined'] })) {
   *   if (item.kind === 'event') page(item.event.child, item.event.reason)
   *   else console.warn(`${item.count} events missed`)
   *   lastCursor = item.cursor
   * }
   * ```
   */
  readonly events: <const Type extends HealthEventType = HealthEventType>(
    question?: HealthQuestion<Type>,
  ) => AsyncIterableIterator<HealthItem<Type>>
  /** How the runtime and its tree stand now. */
  readonly health: () => HealthReport
}

export function healthApi(desk: HealthDesk): HealthApi {
  return {
    id: desk.log.id,
    events: <Type extends HealthEventType>(question?: HealthQuestion<Type>) => {
      checkEventOptions(question)
      // Only what was asked for comes.
      return desk.events(question) as AsyncIterableIterator<HealthItem<Type>>
    },
    health: () => desk.report(),
  }
}
