import { assertNever, type ExitReport } from '@bulkhead/vocabulary'
import { supervisorEnd } from './exit-reports.js'
import type { Ending } from './supervisor.machine.js'
import type { ProfileName } from './supervisor-plan.js'

/**
 * The class of a supervisor's end, as its own supervisor sees it. Erlang's supervisor exits `shutdown` when its budget is
 * spent, and is therefore not restarted when it is transient.
 */
export function classOf(ending: Ending, profile: ProfileName | undefined): 'shutdown' | 'crash' {
  if (ending.kind === 'auto-shutdown') return 'shutdown'
  return ending.kind === 'escalated' && profile === 'otp' ? 'shutdown' : 'crash'
}

export function reasonOf({ kind, child, report }: Ending): string {
  switch (kind) {
    case 'escalated':
      return `child \`${child}\` could not be kept up: ${report.reason}`
    case 'start-failed':
      return `child \`${child}\` could not be started: ${report.reason}`
    case 'auto-shutdown':
      return `child \`${child}\` was significant and has ended: ${report.reason}`
    default:
      return assertNever(kind)
  }
}

/** The report of a supervisor that ended; without an ending it was stopped. */
export function reportOf(ending: Ending | undefined, profile: ProfileName | undefined): ExitReport {
  if (ending === undefined) return supervisorEnd('shutdown', 'stopped')
  return supervisorEnd(classOf(ending, profile), reasonOf(ending))
}
