import type { ExitReport, FaultClass } from '@bulkhead/vocabulary'

const nothingUsed = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 }

/** The report of a run that ended without giving one: our fault or its port's, never charged to the child. */
export function hostFault(reason: string): ExitReport {
  return { class: 'host', reason, commandExitCode: 1, usage: nothingUsed }
}

/** The report of a start that had nothing to run. */
export function nothingToRun(): ExitReport {
  return { class: 'normal', reason: 'nothing to run', commandExitCode: 0, usage: nothingUsed }
}

/** The report of a supervisor's end, for its own supervisor. */
export function supervisorEnd(faultClass: FaultClass, reason: string): ExitReport {
  return { class: faultClass, reason, commandExitCode: faultClass === 'shutdown' ? 0 : 1, usage: nothingUsed }
}

/** What a run is killed for by those who watch it: denials, memory, processor time, its own word about its health. */
export type SeenFault = Pick<ExitReport, 'class' | 'reason' | 'hostility'>

/** The report of a run that was killed for a fault that others saw. What the run's own end proves outweighs it. */
export function seenFault(report: ExitReport, fault: SeenFault): ExitReport {
  if (report.hostility !== undefined) return report
  if (report.class === 'security' && fault.hostility === undefined) return report
  return { ...report, ...fault, commandExitCode: 137 }
}

/** The report of a run that was killed because it was not ready in time. Proof of hostility outweighs lateness. */
export function lateStart(report: ExitReport, startMs: number): ExitReport {
  if (report.hostility !== undefined || report.class === 'security') return report
  return { ...report, class: 'resource', reason: `not ready within ${startMs} ms`, commandExitCode: 124 }
}
